import { disposeTree, foldInName, fullBptt, key } from '@tempograd/core';
import { DivergenceError, fit, orthogonal, sequenceModel, sgd, type Clip } from '@tempograd/nn';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { addingTask } from '../memoryTasks/tasks/addingTask.js';
import { onWasm } from '../onWasm.js';

/** One training. */
export interface ClippingTraining {
  readonly learningRate: number;
  readonly clip: Clip | null;
  /** Loss of each of the first updates. */
  readonly first: readonly number[];
  /** `[update, mean loss]` over a fiftieth of the updates each. */
  readonly losses: readonly (readonly [number, number])[];
  /** Mean loss of the last tenth of all updates; null where it diverged before. */
  readonly loss: number | null;
  /** The update that was not to be had, because loss or gradient were no numbers any more; null where there was none. */
  readonly divergedAt: number | null;
  /** Norms of the gradients before clipping. */
  readonly medianNorm: number;
  readonly largestNorm: number;
}

/** What is measured. */
export interface ClippingFigures {
  readonly time: number;
  /** Spectral radius of the recurrent weights at the start. */
  readonly radius: number;
  readonly trainings: readonly ClippingTraining[];
}

interface Plan {
  readonly time: number;
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
  readonly ways: readonly (readonly [learningRate: number, clip: Clip | null])[];
}

const radius = 1.2;

const sizes: Readonly<Record<RunSettings['size'], Plan>> = {
  small: {
    time: 12,
    hidden: 24,
    batch: 16,
    updates: 250,
    ways: [
      [0.2, null],
      [0.2, { norm: 1 }],
    ],
  },
  full: {
    time: 30,
    hidden: 32,
    batch: 32,
    updates: 2000,
    ways: [
      [0.1, null],
      [0.1, { norm: 1 }],
      [0.1, { value: 0.1 }],
      [0.03, null],
      [0.01, null],
    ],
  },
};

/** Losses above are not drawn. */
const drawnUpTo = 1e6;

/** What clipping is for: see docs/experiments/clipping.md. */
export const clipping: Experiment<ClippingFigures> = {
  name: 'clipping',
  title: 'clipping lets a network learn whose gradients explode',
  run: (settings) => onWasm(() => run(settings)),
  report,
};

async function run({ size, seed, onProgress = () => undefined }: RunSettings): Promise<ClippingFigures> {
  const plan = sizes[size];
  const trainings: ClippingTraining[] = [];
  for (const [at, [learningRate, clip]] of plan.ways.entries()) {
    trainings.push(
      await train(plan, learningRate, clip, seed, (share) =>
        onProgress((at + share) / plan.ways.length, nameOf({ learningRate, clip })),
      ),
    );
  }
  return { time: plan.time, radius, trainings };
}

async function train(
  { time, hidden, batch, updates }: Plan,
  learningRate: number,
  clip: Clip | null,
  seed: number,
  onShare: (share: number) => void,
): Promise<ClippingTraining> {
  const adding = addingTask(time);
  const model = sequenceModel({
    ...adding.model,
    cell: 'rnnTanh',
    hidden,
    initialisers: { recurrent: orthogonal(radius), bias: 'zeros' },
  });
  const params = model.init(foldInName(key(seed), 'start'));
  const data = adding.data(batch, seed);
  const each: number[] = [];
  const norms: number[] = [];
  let divergedAt: number | null = null;
  try {
    const optimiser = sgd({ learningRate });
    for await (const step of fit({ task: model, params, data, strategy: fullBptt(), optimiser, clip, updates })) {
      each.push(step.loss);
      norms.push(step.gradientNorm);
      onShare(step.update / updates);
    }
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    divergedAt = each.length + 1;
  }
  disposeTree(params);
  const sorted = norms.toSorted((a, b) => a - b);
  return {
    learningRate,
    clip,
    first: each.slice(0, 40),
    losses: means(each, updates / 50),
    loss: divergedAt === null ? mean(each.slice(-updates / 10)) : null,
    divergedAt,
    medianNorm: sorted[sorted.length >> 1] as number,
    largestNorm: sorted.at(-1) as number,
  };
}

/** Means of `size` values one after another, each at the last of them, counted from 1. */
function means(values: readonly number[], size: number): [number, number][] {
  return Array.from({ length: Math.floor(values.length / size) }, (_, at) => [
    (at + 1) * size,
    mean(values.slice(at * size, (at + 1) * size)),
  ]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function nameOf({ learningRate, clip }: Pick<ClippingTraining, 'learningRate' | 'clip'>): string {
  const clipped =
    clip === null ? 'not clipped' : 'norm' in clip ? `norm at most ${clip.norm}` : `values at most ${clip.value}`;
  return `rate ${learningRate}, ${clipped}`;
}

function report({ time, trainings }: ClippingFigures): Report {
  const { blind } = addingTask(time);
  // In both pictures what lasted has the same colours.
  const ordered = trainings.toSorted((a, b) => Number(a.divergedAt !== null) - Number(b.divergedAt !== null));
  const figure = (value: number): string => (value < 1000 ? value.toFixed(2) : value.toExponential(0));
  return {
    tables: [
      {
        title: `Adding problem over ${time} steps; a loss of ${blind.toFixed(3)} is that of a constant`,
        heading: ['training', 'loss', 'median norm', 'largest norm'],
        rows: trainings.map((training) => [
          nameOf(training),
          training.loss === null ? `diverged at update ${training.divergedAt}` : training.loss.toFixed(3),
          figure(training.medianNorm),
          figure(training.largestNorm),
        ]),
      },
    ],
    charts: {
      'clipping-first': {
        title: 'The first updates',
        subtitle: `Adding problem over ${time} steps, plain tanh network, recurrent weights of spectral radius ${radius}`,
        x: { label: 'update' },
        y: { label: 'squared error', log: true },
        series: ordered.map((training) => ({
          name: nameOf(training),
          points: training.first.map((loss, at) => [at + 1, loss < drawnUpTo ? loss : NaN] as const),
        })),
      },
      clipping: {
        title: 'All updates, of those that lasted',
        x: { label: 'update' },
        y: { label: 'squared error' },
        series: ordered
          .filter(({ divergedAt }) => divergedAt === null)
          .map((training) => ({ name: nameOf(training), points: training.losses })),
        rules: [{ y: blind, label: 'a constant' }],
      },
    },
  };
}
