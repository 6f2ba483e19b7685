import { refuseAsync } from '../tensor/refuseAsync.js';
import { keep } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree } from '../tensor/tree.js';

type Recorder = (delta: Tensor) => void;

const recorders: Recorder[] = [];

/** Whether anybody wants to see the cotangents of states. */
export function stateCotangentsWanted(): boolean {
  return recorders.length > 0;
}

/** Tells recorders of `δ_t = dL/dh_t` of a segment, `[time, batch, hidden]`, a tensor of the scope it is called in. */
export function reportStateCotangents(delta: Tensor): void {
  for (const record of recorders) record(delta);
}

/**
 * Runs `fn` and gives, beside its result, `δ_t = dL/dh_t` of every recurrent segment that was pulled back in it: `[time, batch, hidden]`,
 * all that the loss says of the state after step t, through later steps too. In the order of the backward pass, so the last segment
 * and layer first. They belong to the caller, outside every scope. Segments that were composed are not seen; `recordPaths` tells which.
 * @throws ArgumentError when `fn` is async.
 */
export function recordStateCotangents<R>(fn: () => R): { result: R; cotangents: Tensor[] } {
  const cotangents: Tensor[] = [];
  const record: Recorder = (delta) => void cotangents.push(keep(delta));
  recorders.push(record);
  try {
    const result = fn();
    refuseAsync(
      'recordStateCotangents',
      result,
      'Do the awaiting outside: what is pulled back after its first await would not be seen.',
    );
    return { result, cotangents };
  } catch (error) {
    disposeTree(cotangents);
    throw error;
  } finally {
    recorders.splice(recorders.indexOf(record), 1);
  }
}
