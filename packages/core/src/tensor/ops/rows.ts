import { ArgumentError, formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { bind } from '../bind.js';
import { scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { requireTensor } from './checks.js';
import { transpose } from './layout.js';
import { normalAxis, requireDType } from './operands.js';

/**
 * Rows of `x [rows, …rest]` by number: `indices` i32 of any shape → `[…indices.shape, …rest]`; along another axis, the shape of the
 * indices stands in that axis's place. A number outside gives NaN (0 in i32), and no gradient.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  requireTensor('gather', 'the argument', x);
  requireDType('gather', 'indices', indices, 'i32');
  if (x.rank === 0) throw new ShapeError('gather: a scalar has no rows to choose from.');
  const along = normalAxis('gather', axis, x);
  if (along !== 0) {
    const places = x.shape.map((_, index) => index);
    const others = places.filter((index) => index !== along);
    // The axes before it move from behind the indices to the front.
    const order = [
      ...others.slice(0, along).map((index) => index + indices.rank),
      ...indices.shape.map((_, index) => index),
      ...others.slice(along).map((index) => index - 1 + indices.rank),
    ];
    return scope(() => transpose(gather(transpose(x, [along, ...others]), indices), order));
  }
  return bind('gather', [x, indices], null, [...indices.shape, ...x.shape.slice(1)], x.dtype);
}

/**
 * Adds `updates […indices.shape, …rest]` into rows of zeros `[rows, …rest]`: the transpose of `gather`.
 * Repeated indices add up; an update of a row outside adds nothing, and its gradient is 0.
 */
export function scatterAdd(indices: Tensor, updates: Tensor, rows: number): Tensor {
  requireDType('scatterAdd', 'indices', indices, 'i32');
  requireTensor('scatterAdd', 'updates', updates);
  if (!Number.isSafeInteger(rows) || rows < 0) {
    throw new ArgumentError(`scatterAdd: rows must be a whole number ≥ 0, but is ${String(rows)}.`);
  }
  if (!sameShape(updates.shape.slice(0, indices.rank), indices.shape)) {
    throw new ShapeError(
      `scatterAdd: updates ${formatShape(updates.shape)} must begin with the shape of the indices, ${formatShape(indices.shape)}.`,
    );
  }
  return bind('scatterAdd', [indices, updates], { rows }, [rows, ...updates.shape.slice(indices.rank)], updates.dtype);
}
