import { createBackend } from '@tempograd/backend-js';
import { artbp, randomTelescoping, truncatedBptt, useBackend, type Strategy } from '@tempograd/core';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { firstRightSign, gradientSigns, type GradientSigns } from './gradientSigns.js';
import { trainTheta, type Training, type Way } from './trainTheta.js';

/** What is measured. */
export interface InfluenceBalancingFigures {
  /** At rest with θ = 0.5. */
  readonly signs: GradientSigns;
  /** The fewest steps back from which on the sign is right. */
  readonly firstRight: { readonly lastLoss: number | null; readonly allLosses: number | null };
  readonly trainings: readonly Training[];
}

/** The rate of all trainings but the cautious ones. */
const boldRate = 1e-4;

/** Truncations and unbiased ways at one rate, and with shorter memories at a smaller one. */
function waysOf(steps: number, cautiousSteps: number): Way[] {
  const ways: readonly (readonly [string, Strategy])[] = [
    ['chunks of 10', truncatedBptt({ updateEvery: 10 })],
    ['chunks of 100', truncatedBptt({ updateEvery: 100 })],
    ['chunks of 200', truncatedBptt({ updateEvery: 200 })],
    ['50 steps, 100 back', truncatedBptt({ updateEvery: 50, backwardSteps: 100 })],
    ['artbp, 100 on average', artbp({ updateEvery: 50, meanLength: 100, segment: 10 })],
    ['telescoping, 100 on average', randomTelescoping({ updateEvery: 50, meanLength: 100, segment: 25 })],
  ];
  const cautious: readonly (readonly [string, Strategy])[] = [
    ['20 steps, 40 back', truncatedBptt({ updateEvery: 20, backwardSteps: 40 })],
    ['artbp, 40 on average', artbp({ updateEvery: 50, meanLength: 40, segment: 10 })],
    ['telescoping, 40 on average', randomTelescoping({ updateEvery: 50, meanLength: 40, segment: 10 })],
  ];
  return [
    ...ways.map(([name, strategy]) => ({ name, strategy, learningRate: boldRate, steps })),
    ...cautious.map(([name, strategy]) => ({ name, strategy, learningRate: 2e-5, steps: cautiousSteps })),
  ];
}

const sizes = {
  small: { lengths: [40, 41, 109, 110], ways: waysOf(800, 0).filter(({ steps }) => steps > 0) },
  full: { lengths: Array.from({ length: 150 }, (_, index) => index + 1), ways: waysOf(6000, 20_000) },
};

/** Losses below are not drawn. */
const lowest = 1e-9;

/** Truncation can point the wrong way: see docs/experiments/influence-balancing.md. */
export const influenceBalancing: Experiment<InfluenceBalancingFigures> = {
  name: 'influence-balancing',
  title: 'a gradient that is cut too short points the wrong way',
  async run({ size, seed, onProgress }: RunSettings): Promise<InfluenceBalancingFigures> {
    useBackend(createBackend());
    const { lengths, ways } = sizes[size];
    const all = 2 * lengths.reduce((sum, each) => sum + each, 0) + ways.reduce((sum, { steps }) => sum + steps, 0);
    let done = 0;
    const signs = gradientSigns(0.5, lengths, (length) => {
      done += length;
      onProgress?.(done / all, `${length} steps back`);
    });
    const trainings = ways.map((way) => {
      const training = trainTheta(way, seed);
      done += way.steps;
      onProgress?.(done / all, way.name);
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
        heading: ['way', 'rate', 'steps', 'θ', 'loss', 'went'],
        rows: trainings.map(({ name, learningRate, steps, theta, loss, ended }) => [
          name,
          String(learningRate),
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
        subtitle: 'Influence balancing, rate 0.0001; artbp and telescoping are unbiased',
        x: { label: 'step', log: true },
        y: { label: 'loss', log: true },
        series: trainings
          .filter(({ learningRate }) => learningRate === boldRate)
          .map(({ name, losses }) => ({ name, points: losses.filter(([, loss]) => loss > lowest) })),
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
