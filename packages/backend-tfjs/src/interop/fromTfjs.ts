import { BackendError, currentBackend, DTypeError, fromHandle, type Backend, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { isTfjsBackend } from '../createBackend.js';
import type { TfjsTensor } from '../TfjsCore.js';

const dtypes = { float32: 'f32', int32: 'i32', bool: 'i32' } as const;

const fromTable = optionTable<{ readonly backend?: Backend }>({ backend: 'backend' });

/**
 * A tfjs tensor as a tensor here, on the same storage: nothing is copied, but a boolean tensor, which becomes i32.
 *
 * The tfjs tensor stays the caller's, to be disposed of as before; the result is one more holder of the storage and belongs to
 * the innermost scope. Gradients of tfjs and of tempograd do not pass through.
 * @throws BackendError when the backend is not a tfjs adapter; DTypeError for strings and complex numbers.
 */
export function fromTfjs(tensor: TfjsTensor, options: { readonly backend?: Backend } = {}): Tensor {
  checkOptions('fromTfjs', options, fromTable);
  const { backend = currentBackend() } = options;
  if (!isTfjsBackend(backend)) {
    throw new BackendError(
      `fromTfjs: the backend is ${backend.name}, which does not hold tfjs tensors. Select an adapter by useBackend(tfjs(tf)), ` +
        'or copy the values: fromArray(await tensor.data(), tensor.shape).',
    );
  }
  if (!Object.hasOwn(dtypes, tensor.dtype)) {
    throw new DTypeError(`fromTfjs: a ${tensor.dtype} tensor has no counterpart; wanted float32, int32 or bool.`);
  }
  const dtype = dtypes[tensor.dtype as keyof typeof dtypes];
  return fromHandle(backend, backend.adopt(tensor), tensor.shape, dtype);
}
