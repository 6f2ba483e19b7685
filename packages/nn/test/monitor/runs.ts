import {
  add,
  assign,
  disposeTree,
  fullBptt,
  keep,
  key,
  mul,
  scope,
  treeEntries,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import {
  fit,
  sequenceModel,
  sequences,
  type FitOptions,
  type Optimiser,
  type SequenceModelCarry,
  type SequenceModelConfig,
  type SequenceModelParams,
  type SequenceStretch,
  type TrainingStep,
} from '../../src/index.js';
import { randomOf, tasks } from './tasks.js';

type Options = FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor>;

/** A training to watch, of an LSTM of 8 units unless its `config` says otherwise. */
export interface WatchedRun {
  readonly task: keyof typeof tasks;
  readonly seed: number;
  readonly time: number;
  readonly optimiser: Optimiser;
  /** Default is full backpropagation. */
  readonly strategy?: Strategy;
  readonly config?: Partial<SequenceModelConfig>;
  readonly clip?: Options['clip'];
  /** Examples to learn from; default is 256. */
  readonly examples?: number;
  /** Multiplies the inputs. */
  readonly inputScale?: number;
  /** Multiplies the parameters whose paths have this in them, before training. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Added to those, before training. */
  readonly shift?: Readonly<Record<string, number>>;
}

/** The steps of a training, one by one, looked at every eighth update. */
export async function* stepsOf(run: WatchedRun, updates: number): AsyncGenerator<TrainingStep> {
  const { seed, time, optimiser, strategy = fullBptt(), clip = null } = run;
  const task = tasks[run.task];
  const classes = task.classes === null ? {} : { classes: task.classes };
  const data = sequences(examplesOf(run, randomOf(seed), time), { batch: 8, shuffle: key(seed), ...classes });
  const model = sequenceModel({ ...task.model, hidden: 8, ...run.config });
  const params = scope(() => keep(model.init(key(seed))));
  try {
    change(params, run);
    const health = { every: 8 };
    yield* fit({ task: model, params, data, strategy, optimiser, clip, updates, health });
  } finally {
    disposeTree(params);
  }
}

function examplesOf(
  run: WatchedRun,
  random: () => number,
  time: number,
): { inputs: number[][]; targets: number | number[][] }[] {
  const { inputScale = 1, examples = 256 } = run;
  return Array.from({ length: examples }, () => {
    const { inputs, targets } = tasks[run.task].example(random, time);
    return { inputs: inputs.map((step) => step.map((x) => x * inputScale)), targets };
  });
}

function change(params: SequenceModelParams, { scale = {}, shift = {} }: WatchedRun): void {
  for (const [path, leaf] of treeEntries(params)) {
    const of = (changes: Readonly<Record<string, number>>): number[] =>
      Object.entries(changes).flatMap(([part, value]) => (path.includes(part) ? [value] : []));
    for (const factor of of(scale)) scope(() => assign(leaf, mul(leaf, factor)));
    for (const by of of(shift)) scope(() => assign(leaf, add(leaf, by)));
  }
}
