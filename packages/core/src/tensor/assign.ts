import { DTypeError, formatShape, LifetimeError, sameShape, ShapeError } from '../backend/index.js';
import { commonBackend, requireAlive } from './bind.js';
import { requireTensor } from './ops/checks.js';
import { refuseInStage } from './stage.js';
import { ArrayTensor, type Tensor } from './Tensor.js';

/**
 * Gives a tensor another's value in place, as an optimiser step does: the same `Tensor` has the new value afterwards, and whoever
 * shared the old one (a tape, a checkpoint) keeps it. `source` is borrowed. For putting stored values into parameters.
 * @throws ShapeError, DTypeError, BackendError when the two are not alike; LifetimeError inside a function being differentiated or batched.
 */
export function assign(target: Tensor, source: Tensor): void {
  refuseInStage('assign: a tensor was given another value');
  requireTensor('assign', 'the target', target);
  requireTensor('assign', 'the source', source);
  commonBackend('assign', [target, source]);
  requireAlive([target, source]);
  if (!sameShape(target.shape, source.shape)) {
    throw new ShapeError(
      `assign: a tensor of shape ${formatShape(target.shape)} cannot take a value of shape ${formatShape(source.shape)}.`,
    );
  }
  if (target.dtype !== source.dtype) {
    throw new DTypeError(`assign: ${target.dtype} cannot take a value of ${source.dtype}; convert it with cast().`);
  }
  if (!(target instanceof ArrayTensor && source instanceof ArrayTensor)) {
    throw new LifetimeError(
      'assign: was called inside a function that is being differentiated or batched (vmap); assign outside of it.',
    );
  }
  target.assign(source.share());
}
