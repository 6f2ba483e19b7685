import { refuseAsync } from '../tensor/refuseAsync.js';
import { shareTree } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree } from '../tensor/tree.js';
import { observeSegments } from './observeSegments.js';

/**
 * Runs `fn` and gives, beside its result, `δ_t = dL/dh_t` of every recurrent segment that was pulled back in it: `[time, batch, hidden]`,
 * all that the loss says of the state after step t, through later steps too. In the order of the backward pass, so the last segment
 * and layer first. They belong to the caller, outside every scope. Segments that were composed are not seen; `recordPaths` tells which.
 * @throws ArgumentError when `fn` is async.
 */
export function recordStateCotangents<R>(fn: () => R): { result: R; cotangents: Tensor[] } {
  const cotangents: Tensor[] = [];
  const run = (): R => {
    const result = fn();
    refuseAsync(
      'recordStateCotangents',
      result,
      'Do the awaiting outside: what is pulled back after its first await would not be seen.',
    );
    return result;
  };
  try {
    const result = observeSegments(run, ({ delta }) => void cotangents.push(shareTree(delta)));
    return { result, cotangents };
  } catch (error) {
    disposeTree(cotangents);
    throw error;
  }
}
