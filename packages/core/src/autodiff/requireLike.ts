import { BackendError, DTypeError, formatShape, sameShape, ShapeError } from '../backend/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeEntries } from '../tensor/tree.js';

/** What a direction or cotangent must have in common with the tensor it belongs to. */
export type Kind = Pick<Tensor, 'shape' | 'dtype' | 'backend'>;

/** @throws ShapeError, DTypeError, BackendError naming the path of tensor number `index` in `tree`, unless `given` is of the kind that stands there. */
export function requireLike(what: string, tree: unknown, index: number, given: Tensor, wanted: Kind): void {
  if (sameShape(given.shape, wanted.shape) && given.dtype === wanted.dtype && given.backend === wanted.backend) return;
  const path = treeEntries(tree)[index]?.[0] ?? '';
  const subject = path === '' ? what : `${what} at "${path}"`;
  if (!sameShape(given.shape, wanted.shape)) {
    throw new ShapeError(
      `${subject} has shape ${formatShape(given.shape)}, but what it belongs to has ${formatShape(wanted.shape)}.`,
    );
  }
  if (given.dtype !== wanted.dtype) {
    throw new DTypeError(
      `${subject} is ${given.dtype}, but what it belongs to is ${wanted.dtype}; convert it with cast().`,
    );
  }
  throw new BackendError(
    `${subject} is on the backend ${given.backend.name}, but what it belongs to is on ${wanted.backend.name}; ` +
      'make it anew with tensor(values, { backend }).',
  );
}
