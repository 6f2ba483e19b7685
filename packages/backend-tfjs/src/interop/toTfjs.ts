import { BackendError, operandOf, type Tensor } from '@tempograd/core';
import { isTfjsBackend } from '../createBackend.js';
import type { TfjsTensor } from '../TfjsCore.js';

/**
 * A tensor as a tfjs tensor, on the same storage: nothing is copied.
 *
 * The result is the caller's, as of any tfjs op: a `tf.tidy` around it frees it. The tensor here stays as it is.
 * @throws BackendError when the tensor is not on a tfjs adapter; LifetimeError inside a function being differentiated.
 */
export function toTfjs(x: Tensor): TfjsTensor {
  const { backend } = x;
  if (!isTfjsBackend(backend)) {
    throw new BackendError(
      `toTfjs: the tensor is on ${backend.name}, not on a tfjs adapter. Copy its values: tf.tensor(await x.read(), [...x.shape]).`,
    );
  }
  return backend.tf.clone(operandOf(x).handle as TfjsTensor);
}
