import { TempogradError } from '@tempograd/core';

/** What a task (or a cell) promises to whoever trains it, and what to look for where a promise is broken. */
export const promises = {
  pure: 'The same arguments must give the same: no state of its own, no Math.random(); draw from context.key and the time of the step.',
  'nothing changed':
    'Parameters, carry and stretch are borrowed: forward and loss may neither change nor dispose of them.',
  'nothing left': 'What is made inside belongs to the scope of the caller: keep() nothing, and hold nothing outside.',
  'initial carry':
    'initialCarry must give a tree like the carry that forward returns, with as many rows, and may look at sizes of the stretch only.',
  'steps of outputs': 'forward must return an output for each step: every leaf is [time, …].',
  'a scalar loss': 'loss must return one floating-point scalar, finite for finite input: reduce it with sum().',
  'no look ahead':
    'forward may not look at later steps of the stretch; say causal: false where it must, as in layers that run backward.',
  'a whole equals its parts':
    'All that later steps need must be in the carry, and be carried with its gradient; steps count from context.from, not from 0.',
  'losses add up':
    'The loss is the SUM over the steps of a stretch, not their mean: divide the gradient afterwards, or weigh steps in the stretch.',
  'a loss looks at its own step':
    'The loss at step t may look at outputs and stretch at t only: put what belongs to another step (a shifted target) into the stretch.',
  'the gradient is the derivative':
    'Everything between parameters and loss must be ops of this library, without stopGradient() or values read on the way.',
  'segment equals step': 'segment must give what step gives when it is repeated, for every mask, direction and carry.',
} as const;
/** One of the promises. */
export type TaskPromise = keyof typeof promises;

/** A task does not keep a promise. The message says which, where, and what to do. */
export class TaskError extends TempogradError {
  override name = 'TaskError';
  readonly promise: TaskPromise;

  constructor(promise: TaskPromise, what: string, options?: ErrorOptions) {
    super(`Broken promise, "${promise}": ${what}. ${promises[promise]}`, options);
    this.promise = promise;
  }
}
