import { cast, mul, scope, sum, treeLeaves, type SequenceTask, type StepContext, type Tensor } from '@tempograd/core';
import type { Scored } from '../metrics/index.js';

/** A task that says how many losses it sums, so that loss and gradient can be means. `sequenceModel` and `charModel` are such. */
export interface TrainableTask<P, C, S, O> extends SequenceTask<P, C, S, O> {
  /**
   * How many losses `loss` sums over a stretch, a scalar. Default: the steps of all rows, `time · batch`, or those that a `mask` and
   * a `lossMask` in the stretch leave in.
   */
  lossWeight?(stretch: S): Tensor;
  /** What `lossWeight` counts in one step of one row where nothing is masked: 3 for three squared errors a step. Default is 1. */
  readonly lossesPerStep?: number;
  /**
   * What of a stretch does not fit the task, in words, or null: looked at where loss or gradient are not finite. `from` is the step of
   * the sequence that the stretch begins at.
   */
  faultOf?(stretch: S, from: number): Promise<string | null>;
  /** What was predicted for the steps of a stretch, and what was right: what metrics compare. Needed for metrics alone. */
  scored?(params: P, output: O, stretch: S, context: StepContext): Scored;
}

/** Reads how many losses a stretch holds. */
export async function readLossWeight<P, C, S, O>(task: TrainableTask<P, C, S, O>, stretch: S): Promise<number> {
  const weight = scope(() => lossWeight(task, stretch));
  if (typeof weight === 'number') return weight;
  try {
    return (await weight.read())[0] as number;
  } finally {
    weight.dispose();
  }
}

/** How many losses a stretch holds; a tensor belongs to the caller's scope. */
export function lossWeight<P, C, S, O>(task: TrainableTask<P, C, S, O>, stretch: S): Tensor | number {
  if (task.lossWeight !== undefined) return task.lossWeight(stretch);
  const { mask, lossMask } = stretch as { readonly mask?: Tensor | null; readonly lossMask?: Tensor | null };
  const counts = mask && lossMask ? mul(mask, lossMask) : (mask ?? lossMask);
  if (counts) return sum(cast(counts, 'f32'));
  return (treeLeaves(stretch)[0]?.shape[0] ?? 1) * batchOf(stretch);
}

/** Rows of a stretch: those of its first tensor that has some, 1 where none has. */
export function batchOf(stretch: unknown): number {
  return treeLeaves(stretch).find(({ rank }) => rank >= 2)?.shape[1] ?? 1;
}
