import {
  concat,
  disposeTree,
  keep,
  key as keyOf,
  mul,
  readGradientByLag,
  scope,
  sliceAxis,
  timeOf,
  treeLeaves,
  treeMap,
  treeZip,
  type Key,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import type { DataSource } from '../data/index.js';
import { fit, type FitOptions, type TrainableTask } from '../fit/index.js';

/** A model on its data, some updates into its training. */
export interface Pilot<P, C, S, O> {
  readonly model: TrainableTask<P, C, S, O>;
  readonly params: P;
  readonly data: DataSource<S>;
  readonly optimiser: FitOptions<P, C, S, O>['optimiser'];
  readonly clip: FitOptions<P, C, S, O>['clip'];
}

/** Losses that are pulled back, each by itself. */
const lossesPulled = 8;

/** A copy of parameters, outside every scope. */
export function copyOf<P>(params: P): P {
  return scope(() => keep(treeMap(params, (leaf) => mul(leaf, 1))));
}

/** What `fit` is given to train a copy of the parameters. */
export function fitOptionsFor<P, C, S, O>(
  { model, data, optimiser, clip }: Pilot<P, C, S, O>,
  copy: P,
  strategy: Strategy,
  updates: number,
): FitOptions<P, C, S, O> {
  return { task: model, params: copy, data, optimiser, ...(clip ? { clip } : {}), strategy, updates };
}

/** Trains a copy of the parameters for some updates; the copy is the caller's. */
export async function trainedCopy<P, C, S, O>(
  pilot: Pilot<P, C, S, O>,
  strategy: Strategy,
  updates: number,
): Promise<P> {
  const copy = copyOf(pilot.params);
  if (updates === 0) return copy;
  try {
    for await (const { update } of fit(fitOptionsFor(pilot, copy, strategy, updates))) if (update >= updates) break;
    return copy;
  } catch (error) {
    disposeTree(copy);
    throw error;
  }
}

/** `‖G[s][s−k]‖` for k = 0, 1, …, up to `lags`, the mean over some losses in a stretch of the data. */
export async function measureDecay<P, C, S, O>(
  { model, data }: Pick<Pilot<P, C, S, O>, 'model' | 'data'>,
  params: P,
  lags: number,
  key: Key = keyOf(0),
): Promise<readonly number[]> {
  const stretch = await stretchOf(data, lags + lossesPulled, treeLeaves(params)[0] as Tensor);
  try {
    const time = timeOf(stretch);
    const reach = Math.min(lags, time - 1);
    const from = Array.from({ length: Math.min(lossesPulled, time) }, (_, index) => time - 1 - index);
    const { parameters } = await readGradientByLag(model, params as never, stretch as never, {
      from,
      lags: reach,
      key,
    });
    return parameters;
  } finally {
    disposeTree(stretch);
  }
}

/** The first `steps` of the data's first sequence, or all of it where it is shorter; the caller's. */
async function stretchOf<S>(data: DataSource<S>, steps: number, like: Tensor): Promise<S> {
  let joined: S | null = null;
  const { backend, dtype } = like;
  for await (const { stretch, ends } of data.open(
    { epoch: 0, index: 0 },
    { backend, dtype: dtype === 'f64' ? 'f64' : 'f32' },
  )) {
    const before: S | null = joined;
    joined = before === null ? stretch : scope(() => keep(treeZip(before, stretch, (a, b) => concat([a, b]))));
    if (before !== null) disposeTree([before, stretch]);
    if (ends || timeOf(joined) >= steps) break;
  }
  const all = joined as S;
  const time = timeOf(all);
  if (time <= steps) return all;
  try {
    return scope(() => keep(treeMap(all, (leaf) => sliceAxis(leaf, 0, steps))));
  } finally {
    disposeTree(all);
  }
}
