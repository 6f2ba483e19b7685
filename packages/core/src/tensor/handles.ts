import { LifetimeError, type Backend, type DType, type Operand, type Shape } from '../backend/index.js';
import { newTensor } from './bind.js';
import { checkBackend } from './defaultBackend.js';
import { TracedTensor, type ArrayTensor, type Tensor } from './Tensor.js';

/**
 * A tensor on a handle that its backend already holds, as one that came from the library below it; for packages that bring
 * tensors over without a copy. The tensor owns the handle from now on.
 */
export function fromHandle(backend: Backend, handle: object, shape: Shape, dtype: DType): Tensor {
  checkBackend(backend);
  return newTensor(backend, handle, shape, dtype);
}

/**
 * The handle, shape and dtype of a tensor as its backend knows them; borrowed: valid until the tensor is disposed of.
 * @throws LifetimeError inside a function being differentiated or batched, where what is done to the handle would have no gradient and no batch.
 */
export function operandOf(x: Tensor): Operand {
  if (x instanceof TracedTensor) {
    throw new LifetimeError(
      'operandOf: the tensor is being differentiated or batched, and what is done to its handle would have no gradient and no ' +
        'batch. Take it outside of that function, or of stopGradient(x) inside where no vmap batches it.',
    );
  }
  const { handle, shape, dtype } = x as ArrayTensor;
  return { handle, shape, dtype };
}
