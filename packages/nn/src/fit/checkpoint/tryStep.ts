import { disposeTree, scope } from '@tempograd/core';
import { sliceSteps } from '../HeldStretches.js';
import type { TrainableTask } from '../TrainableTask.js';
import { CheckpointError, misfitAt } from './CheckpointError.js';
import { checkCarry } from './checkSnapshot.js';

/**
 * Takes step `at` of a stretch from a carry (null: the initial one), and throws it away: only the task knows whether it can.
 * @throws CheckpointError naming `path` when it cannot.
 */
export function tryStep<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  params: P,
  { path, from, carry, stretch, at }: { path: string; from: number; carry: unknown; stretch: unknown; at: number },
): void {
  const step = sliceSteps(stretch as S, at, at + 1);
  try {
    scope(() => {
      const initial = task.initialCarry(params, step);
      if (path === 'run.carry') checkCarry(path, carry, initial, from === 0, misfitAt);
      task.forward(params, (carry as C | null) ?? initial, step, { from, key: null });
    });
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw misfitAt(path, `no step can be taken (${(cause as Error).message})`, cause);
  } finally {
    disposeTree(step);
  }
}
