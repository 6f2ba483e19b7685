import { stopGradient, valueAndGrad } from '../autodiff/index.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { keep, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import type { ForwardCall } from './runForward.js';

/** The sum of losses and its gradient. */
export interface Gathered<P> {
  readonly gradient: P;
  readonly loss: Tensor;
}

/**
 * Runs steps that lie before a short window, with no way back; their losses, where they count, train the readout alone. What it
 * gives is owned by the caller, outside every scope.
 */
export function runLead<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  { params, carry, stretch, from, key }: ForwardCall<P, C, S>,
  counts: boolean,
): { carry: C; gathered: Gathered<P> | null } {
  const context = { from, key };
  return scope(() => {
    const fixed = stopGradient(params);
    const start = carry ?? task.initialCarry(fixed, stretch);
    const { carry: after, output } = task.forward(fixed, start, stretch, context);
    const both = counts ? valueAndGrad((p: P) => task.loss(p, output, stretch, context))(params) : null;
    const gathered = both === null ? null : { gradient: both.gradient, loss: both.value };
    return keep({ carry: stopGradient(after), gathered });
  });
}
