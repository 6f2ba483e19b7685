import { disposeTree, foldIn, key, shareTree, truncatedBptt, type Key } from '@tempograd/core';
import { adam, cosineSchedule, fit, sequenceModel, type SequenceModel, type SequenceModelParams } from '@tempograd/nn';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { onWasm } from '../onWasm.js';
import { gradientCosines, gradientSeconds } from './gradientCosines.js';
import { channels, recallStream, recallStretch, stepsPerQuestion, type RecallTask } from './recallStream.js';

/** One length of truncation. */
export interface SweepPoint {
  readonly backwardSteps: number;
  /** Mean loss a question over the last fifth of the training, in nats; nothing is seen twice, so it is as good as held out. */
  readonly loss: number;
  /** Milliseconds of one processor for the gradients of 100 steps of the stream, the fastest of some rounds. */
  readonly milliseconds: number;
  readonly peakBytes: number;
  /** Of the recurrent layer's gradient with the full one: with the parameters that training starts from, and half-way. */
  readonly cosine: { readonly untrained: number; readonly halfWay: number };
}

/** What is measured. */
export interface TruncationSweepFigures {
  readonly lags: readonly [number, number];
  readonly updateEvery: number;
  readonly points: readonly SweepPoint[];
}

type Trained = Omit<SweepPoint, 'cosine' | 'milliseconds'>;

interface Plan extends RecallTask {
  readonly hidden: number;
  readonly learningRate: number;
  readonly updateEvery: number;
  readonly updates: number;
  /** Longest first: its training is the one whose parameters half-way are looked at. */
  readonly lengths: readonly number[];
  /** Steps over which gradients are compared, and timed so many rounds. */
  readonly compared: number;
  readonly rounds: number;
}

const sizes: Readonly<Record<RunSettings['size'], Plan>> = {
  small: {
    lags: [2, 8],
    block: 10,
    batch: 16,
    hidden: 12,
    learningRate: 0.01,
    updateEvery: 2,
    updates: 200,
    lengths: [12, 4, 2],
    compared: 60,
    rounds: 1,
  },
  full: {
    lags: [10, 40],
    block: 45,
    batch: 16,
    hidden: 32,
    learningRate: 0.005,
    updateEvery: 5,
    updates: 2400,
    lengths: [200, 150, 100, 80, 60, 50, 45, 40, 30, 20, 15, 10, 5],
    compared: 400,
    rounds: 5,
  },
};

/** How far back a gradient must look: see docs/experiments/truncation-sweep.md. */
export const truncationSweep: Experiment<TruncationSweepFigures> = {
  name: 'truncation-sweep',
  title: 'a truncation is long enough once it spans what depends on what',
  run: (settings) => onWasm(() => run(settings), { threads: 1 }),
  report,
};

async function run({ size, seed, onProgress = () => undefined }: RunSettings): Promise<TruncationSweepFigures> {
  const plan = sizes[size];
  const { lengths, updateEvery, lags, compared, rounds } = plan;
  const total = lengths.reduce((sum, each) => sum + each, 0);
  const drawn = key(seed);
  const model = modelOf(plan);
  let halfWay: SequenceModelParams | null = null;
  const trained: Trained[] = [];
  let done = 0;
  for (const backwardSteps of lengths) {
    const { point, middle } = await train(plan, model, backwardSteps, drawn, (share) =>
      onProgress((0.9 * (done + share * backwardSteps)) / total, `${backwardSteps} steps back`),
    );
    if (halfWay === null) halfWay = middle;
    else disposeTree(middle);
    trained.push(point);
    done += backwardSteps;
  }
  const stretch = recallStretch(foldIn(drawn, 2), plan, compared);
  const untrained = model.init(foldIn(drawn, 1));
  const [atFirst, atHalf] = [untrained, halfWay as SequenceModelParams].map((params) =>
    gradientCosines(model, params, stretch, lengths, updateEvery, ({ rnn }) => rnn),
  ) as [number[], number[]];
  const seconds = gradientSeconds(model, untrained, stretch, lengths, updateEvery, rounds, (round) =>
    onProgress(0.9 + (0.1 * round) / rounds, 'what it costs'),
  );
  const points = trained.map((point, at) => ({
    ...point,
    milliseconds: ((seconds[at] as number) / compared) * 100 * 1000,
    cosine: { untrained: atFirst[at] as number, halfWay: atHalf[at] as number },
  }));
  return { lags, updateEvery, points: points.reverse() };
}

/** Its gates start for the longer lag, so that whether it learns does not hang on luck. */
function modelOf({ hidden, lags }: Plan): SequenceModel {
  return sequenceModel({
    input: { features: channels },
    cell: 'gru',
    chrono: lags[1],
    hidden,
    outputs: 2,
    loss: 'crossEntropy',
  });
}

/** One training; its parameters half-way are the caller's. */
async function train(
  plan: Plan,
  model: SequenceModel,
  backwardSteps: number,
  drawn: Key,
  onShare: (share: number) => void,
): Promise<{ point: Trained; middle: SequenceModelParams }> {
  const { updateEvery, updates, learningRate, batch } = plan;
  const params = model.init(foldIn(drawn, 1));
  const training = fit({
    task: model,
    params,
    data: recallStream(foldIn(drawn, 0), plan, updates * updateEvery, updateEvery),
    strategy: truncatedBptt({ updateEvery, backwardSteps }),
    optimiser: adam({ learningRate: cosineSchedule(learningRate, { steps: updates }) }),
    clip: { norm: 1 },
    normaliser: (batch * updateEvery) / stepsPerQuestion(plan),
  });
  let [sum, items, peakBytes] = [0, 0, 0];
  let middle: SequenceModelParams | null = null;
  let seen = 0;
  for await (const step of training) {
    seen += 1 + step.skipped;
    if (seen > 0.8 * updates) {
      sum += step.loss * step.items;
      items += step.items;
    }
    if (middle === null && seen >= updates / 2) middle = shareTree(params);
    peakBytes = Math.max(peakBytes, step.peakBytes);
    onShare(seen / updates);
  }
  disposeTree(params);
  return { point: { backwardSteps, loss: sum / items, peakBytes }, middle: middle as SequenceModelParams };
}

function report({ lags: [soon, late], updateEvery, points }: TruncationSweepFigures): Report {
  const line = (name: string, value: (point: SweepPoint) => number): Report['charts'][string]['series'][number] => ({
    name,
    points: points.map((point) => [point.backwardSteps, value(point)] as const),
  });
  const x = { label: 'steps back', log: true };
  const rules = [
    { x: soon, label: 'first question' },
    { x: late, label: 'second question' },
  ];
  const longest = points.at(-1) as SweepPoint;
  return {
    tables: [
      {
        title: `An update every ${updateEvery} steps; questions ${soon} and ${late} steps after what they ask for`,
        heading: ['steps back', 'loss', 'ms for 100 steps', 'peak MB', 'cosine, untrained', 'cosine, half-way'],
        rows: points.map(({ backwardSteps, loss, milliseconds, peakBytes, cosine }) => [
          String(backwardSteps),
          loss.toFixed(3),
          milliseconds.toFixed(0),
          (peakBytes / 1e6).toFixed(2),
          cosine.untrained.toFixed(3),
          cosine.halfWay.toFixed(3),
        ]),
      },
    ],
    charts: {
      'truncation-sweep': {
        title: 'What is learnt, by how far back gradients look',
        subtitle: 'Loss a question; ln 2 where nothing is remembered, half of it where the first bit is',
        x,
        y: { label: 'loss' },
        series: [line('loss', ({ loss }) => loss)],
        rules: [...rules, { y: Math.LN2, label: 'ln 2' }, { y: Math.LN2 / 2, label: '½ ln 2' }],
      },
      'truncation-sweep-gradient': {
        title: 'How much of the gradient’s direction is left',
        x,
        y: { label: 'cosine with the full gradient' },
        series: [
          line('untrained', ({ cosine }) => cosine.untrained),
          line('half-way through training', ({ cosine }) => cosine.halfWay),
        ],
        rules,
      },
      'truncation-sweep-cost': {
        title: 'What it costs',
        subtitle: `As a share of ${longest.backwardSteps} steps back`,
        x: { label: 'steps back' },
        y: { label: 'share' },
        series: [
          line('time', ({ milliseconds }) => milliseconds / longest.milliseconds),
          line('memory', ({ peakBytes }) => peakBytes / longest.peakBytes),
        ],
      },
    },
  };
}
