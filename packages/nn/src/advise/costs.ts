import { ArgumentError, disposeTree, treeMap, zeros } from '@tempograd/core';
import type { DataStretch } from '../data/index.js';
import { fit } from '../fit/index.js';
import { batchOf } from '../fit/TrainableTask.js';
import { madeLike } from '../fit/evaluate.js';
import type { TrainingHealthOptions } from '../fit/health/TrainingHealthOptions.js';
import { planMemory, type MemoryPlan, type MemoryPlanOptions } from '../memory/index.js';
import type { StrategyChoice } from './Advice.js';
import { isCheckpointed, lengthsOf, strategyOf } from './choices.js';
import { copyOf, fitOptionsFor, type Pilot } from './measureDecay.js';

/** A model of which memory can be planned: data is there only where there is some. */
export interface Planned<P, C, S, O> extends Omit<Pilot<P, C, S, O>, 'data'> {
  readonly data: Pilot<P, C, S, O>['data'] | null;
  /** What looks at gradients on the way; null for nothing. */
  readonly health: TrainingHealthOptions | null;
  /** Steps of a whole sequence; Infinity where it has no end. */
  readonly sequenceLength: number;
}

/** Sequences that are longer are not planned, nor run, whole. */
const longestWhole = 100_000;

/** Whether whole sequences are something to look at. */
export function canBeWhole(sequenceLength: number): boolean {
  return sequenceLength <= longestWhole;
}

/** The plan of a choice with so many rows; null where it needs sequences that are too long, or without end, or where its checkpoints have too little room. */
export async function planOf<P, C, S, O>(
  { model, params, optimiser, clip, health, data, sequenceLength }: Planned<P, C, S, O>,
  choice: StrategyChoice,
  batch: number,
): Promise<MemoryPlan | null> {
  const { updateEvery } = lengthsOf(choice);
  const time = updateEvery === Infinity ? sequenceLength : updateEvery;
  if (!canBeWhole(time)) return null;
  const like = 'config' in model || data === null ? null : await firstStretch(data, params);
  try {
    const stretch = like === null ? {} : { stretch: likeIt(like) };
    const training = { optimiser, ...(clip ? { clip } : {}), ...(health ? { health } : {}) };
    const settings = { time, batch, strategy: strategyOf(choice), ...training, ...stretch };
    return planMemory(model, params, settings as MemoryPlanOptions<S, P>);
  } catch (error) {
    if (error instanceof ArgumentError && isCheckpointed(choice)) return null;
    throw error;
  } finally {
    if (like !== null) disposeTree(like);
  }
}

/** Stretches like one of the data, of other sizes. */
function likeIt<S>(like: S): NonNullable<MemoryPlanOptions<S>['stretch']> {
  return ({ time, batch, backend }) =>
    treeMap(like, ({ shape, dtype }) =>
      zeros([time, ...(shape.length > 1 ? [batch] : []), ...shape.slice(2)], { dtype, backend }),
    );
}

/** What is known of some data by its first stretch. */
export interface Looked {
  /** Rows in parallel; 1 where it gives nothing. */
  readonly rows: number;
  /** Whether each stretch is a sequence of its own, as far as one tells: whole ones are then as long as stretches. */
  readonly isWhole: boolean;
}

/** Looks at the first stretch of some data. */
export async function lookAt<S>(data: Pilot<unknown, unknown, S, unknown>['data'], params: unknown): Promise<Looked> {
  const first = await firstOf(data, params);
  if (first === null) return { rows: 1, isWhole: true };
  try {
    return { rows: batchOf(first.stretch), isWhole: first.ends };
  } finally {
    disposeTree(first.stretch);
  }
}

async function firstStretch<S>(data: Pilot<unknown, unknown, S, unknown>['data'], params: unknown): Promise<S | null> {
  return (await firstOf(data, params))?.stretch ?? null;
}

/** The first stretch of some data, which is the caller's; null where there is none. */
async function firstOf<S>(
  data: Pilot<unknown, unknown, S, unknown>['data'],
  params: unknown,
): Promise<DataStretch<S> | null> {
  for await (const given of data.open({ epoch: 0, index: 0 }, madeLike(params))) return given;
  return null;
}

/** Milliseconds for which a choice is tried, and updates at least. */
const tried = { milliseconds: 150, updates: 3 };

/** Seconds for each step trained on, all rows together: the median of a few updates of a copy of the parameters; null where there is no update. */
export async function measuredSeconds<P, C, S, O>(
  pilot: Pilot<P, C, S, O>,
  choice: StrategyChoice,
): Promise<number | null> {
  const copy = copyOf(pilot.params);
  const times: number[] = [];
  try {
    const begin = performance.now();
    let last = begin;
    for await (const { lossSteps } of fit(fitOptionsFor(pilot, copy, strategyOf(choice), 1_000_000))) {
      const now = performance.now();
      times.push((now - last) / (lossSteps.to - lossSteps.from));
      last = now;
      if (times.length > tried.updates && now - begin > tried.milliseconds) break;
    }
  } finally {
    disposeTree(copy);
  }
  // The first makes what the later ones find made.
  const sorted = times.slice(1).sort((a, b) => a - b);
  return sorted.length === 0 ? null : (sorted[sorted.length >> 1] as number) / 1000;
}
