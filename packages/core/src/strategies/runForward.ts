import { stopGradient } from '../autodiff/index.js';
import type { Key } from '../random/index.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { keep, scope } from '../tensor/scope.js';

/** A stretch of a task, and how it is run. */
export interface ForwardCall<P, C, S> {
  readonly params: P;
  /** Null starts the sequence. */
  readonly carry: C | null;
  readonly stretch: S;
  readonly from: number;
  readonly key: Key | null;
}

/** Runs a stretch forward with no way back. Gives the carry after it, owned by the caller, outside every scope. */
export function runForward<P, C, S, O>(task: SequenceTask<P, C, S, O>, call: ForwardCall<P, C, S>): C {
  const { params, carry, stretch, from, key } = call;
  return scope(() => {
    const fixed = stopGradient(params);
    const start = carry ?? task.initialCarry(fixed, stretch);
    return keep(stopGradient(task.forward(fixed, start, stretch, { from, key }).carry));
  });
}
