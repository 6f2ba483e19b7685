import type { StepContext, Tensor } from '@tempograd/core';
import type { Scored } from './Metric.js';

/** A loss, and the predictions that it is of. */
export interface Assessed {
  readonly loss: Tensor;
  readonly scored: Scored;
}

type Of<P, O, S, R> = (params: P, output: O, stretch: S, context: StepContext) => R;

/** A task as far as it says how good an output is. */
interface Assessing<P, O, S> {
  loss: Of<P, O, S, Tensor>;
  scored?: Of<P, O, S, Scored>;
}

const known = new WeakMap<object, { readonly scored: unknown; readonly atOnce: unknown }>();

/**
 * Says how `loss` and `scored` of a task are had at once, for less than one after the other. It is known by these functions
 * themselves: of a task made from this one with another loss it does not hold.
 */
export function assessesAtOnce<P, O, S>(task: Assessing<P, O, S>, atOnce: Of<P, O, S, Assessed>): void {
  known.set(task.loss, { scored: task.scored, atOnce });
}

/** Loss and predictions of a task; both belong to the caller's scope. @throws where it has no `scored`. */
export function assess<P, O, S>(task: Assessing<P, O, S>, ...of: Parameters<Of<P, O, S, never>>): Assessed {
  const together = known.get(task.loss);
  if (together !== undefined && together.scored === task.scored)
    return (together.atOnce as Of<P, O, S, Assessed>)(...of);
  return { loss: task.loss(...of), scored: (task as Required<Assessing<P, O, S>>).scored(...of) };
}
