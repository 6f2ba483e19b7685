import { createBackend } from '@tempograd/backend-js';
import { truncatedBptt, useBackend, type Strategy } from '@tempograd/core';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { firstRightSign, gradientSigns, type GradientSigns } from './gradientSigns.js';
import { trainTheta, type Training } from './trainTheta.js';

/** What is measured. */
export interface InfluenceBalancingFigures {
  /** At rest with θ = 0.5. */
  readonly signs: GradientSigns;
  /** The fewest steps back from which on the sign is right. */
  readonly firstRight: { readonly lastLoss: number | null; readonly allLosses: number | null };
  readonly trainings: readonly Training[];
}

/** The ways to train, as the table and the picture call them. */
const ways: readonly (readonly [string, Strategy])[] = [
  ['chunks of 10', truncatedBptt({ updateEvery: 10 })],
  ['chunks of 100', truncatedBptt({ updateEvery: 100 })],
  ['chunks of 200', truncatedBptt({ updateEvery: 200 })],
  ['50 steps, 100 back', truncatedBptt({ updateEvery: 50, backwardSteps: 100 })],
];

const sizes = {
  small: { lengths: [10, 40, 41, 109, 110], steps: 800 },
  full: { lengths: Array.from({ length: 150 }, (_, index) => index + 1), steps: 6000 },
};

/** Losses below are not drawn. */
const lowest = 1e-9;

/** Truncation can point the wrong way: see docs/experiments/influence-balancing.md. */
export const influenceBalancing: Experiment<InfluenceBalancingFigures> = {
  name: 'influence-balancing',
  title: 'a gradient that is cut too short points the wrong way',
  async run({ size, seed, onProgress }: RunSettings): Promise<InfluenceBalancingFigures> {
    useBackend(createBackend());
    const { lengths, steps } = sizes[size];
    const all = 2 * lengths.reduce((sum, each) => sum + each, 0) + ways.length * steps;
    let done = 0;
    const signs = gradientSigns(0.5, lengths, (length) => {
      done += length;
      onProgress?.(done / all, `${length} steps back`);
    });
    const trainings = ways.map(([name, strategy]) => {
      const training = trainTheta(name, strategy, steps, seed);
      done += steps;
      onProgress?.(done / all, name);
      return training;
    });
    return {
      signs,
      firstRight: {
        lastLoss: firstRightSign(signs.lastLoss, signs.full),
        allLosses: firstRightSign(signs.allLosses, signs.full),
      },
      trainings,
    };
  },
  report,
};

function report({ signs, firstRight, trainings }: InfluenceBalancingFigures): Report {
  const fewest = (steps: number | null): string => (steps === null ? 'more than measured' : String(steps));
  return {
    tables: [
      {
        title: 'Fewest steps back that give the right sign',
        heading: ['losses in the gradient', 'steps back'],
        rows: [
          ['the last of a chunk, or a sliding window’s', fewest(firstRight.lastLoss)],
          ['all of a chunk', fewest(firstRight.allLosses)],
        ],
      },
      {
        title: 'Training from θ = 0.5; the loss is 0 at θ = −1/6',
        heading: ['truncation', 'steps', 'θ', 'loss', 'went'],
        rows: trainings.map(({ name, steps, theta, loss, ended }) => [
          name,
          String(steps),
          theta.toFixed(4),
          loss.toExponential(1),
          ended,
        ]),
      },
    ],
    charts: {
      'influence-balancing': {
        title: 'Loss while θ is trained',
        subtitle: 'Influence balancing, learning rate 10⁻⁴',
        x: { label: 'step' },
        y: { label: 'loss', log: true },
        series: trainings.map(({ name, losses }) => ({
          name,
          points: losses.filter(([, loss]) => loss > lowest),
        })),
      },
      'influence-balancing-signs': {
        title: 'What truncation leaves of the gradient',
        subtitle: 'Below 0 it leads away from the optimum',
        x: { label: 'steps back' },
        y: { label: 'share of the true gradient' },
        rules: [
          { y: 0 },
          ...(firstRight.lastLoss === null ? [] : [{ x: firstRight.lastLoss, label: String(firstRight.lastLoss) }]),
          ...(firstRight.allLosses === null ? [] : [{ x: firstRight.allLosses, label: String(firstRight.allLosses) }]),
        ],
        series: [
          { name: 'last loss', points: signs.lastLoss.map(([steps, g]) => [steps, g / signs.full] as const) },
          { name: 'all losses', points: signs.allLosses.map(([steps, g]) => [steps, g / signs.full] as const) },
        ],
      },
    },
  };
}
