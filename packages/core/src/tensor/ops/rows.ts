import { ArgumentError, formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { bind } from '../bind.js';
import type { Tensor } from '../Tensor.js';
import { requireTensor } from './checks.js';
import { requireDType } from './operands.js';

/** Rows of `x [rows, …rest]` by number: `indices` i32 of any shape → `[…indices.shape, …rest]`. A number outside gives NaN, and no gradient. */
export function gather(x: Tensor, indices: Tensor): Tensor {
  requireTensor('gather', 'the argument', x);
  requireDType('gather', 'indices', indices, 'i32');
  if (x.rank === 0) throw new ShapeError('gather: a scalar has no rows to choose from.');
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
