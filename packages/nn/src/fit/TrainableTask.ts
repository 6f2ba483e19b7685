import { cast, scope, sum, treeLeaves, type SequenceTask, type StepContext, type Tensor } from '@tempograd/core';
import type { Scored } from '../metrics/index.js';

/** A task that says how many losses it sums, so that loss and gradient can be means. `sequenceModel` and `charModel` are such. */
export interface TrainableTask<P, C, S, O> extends SequenceTask<P, C, S, O> {
  /**
   * How many losses `loss` sums over a stretch, a scalar. Default: the steps of all rows, `time · batch`, or those that a `mask` in
   * the stretch leaves in.
   */
  lossWeight?(stretch: S): Tensor;
  /** What was predicted for the steps of a stretch, and what was right: what metrics compare. Needed for metrics alone. */
  scored?(params: P, output: O, stretch: S, context: StepContext): Scored;
}

/** Reads how many losses a stretch holds. */
export async function readLossWeight<P, C, S, O>(task: TrainableTask<P, C, S, O>, stretch: S): Promise<number> {
  const weight = scope(() => task.lossWeight?.(stretch) ?? defaultWeight(stretch));
  if (typeof weight === 'number') return weight;
  try {
    return (await weight.read())[0] as number;
  } finally {
    weight.dispose();
  }
}

function defaultWeight(stretch: unknown): Tensor | number {
  const { mask } = stretch as { readonly mask?: Tensor | null };
  if (mask) return sum(cast(mask, 'f32'));
  const [time = 1, batch = 1] = treeLeaves(stretch)[0]?.shape ?? [];
  return time * batch;
}
