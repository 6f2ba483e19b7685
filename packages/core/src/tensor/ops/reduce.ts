import { checkOptions, formatShape, optionTable, ShapeError, sizeOf } from '../../backend/index.js';
import { bind } from '../bind.js';
import { alias, scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { div } from './elementwise.js';
import { reshape } from './layout.js';
import { requireTensor } from './checks.js';
import { normalAxes, requireFloat } from './operands.js';

/** How to reduce. */
export interface ReduceOptions {
  /** Axes to reduce, negative ones from the back; default is all. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes with length 1; default is false. */
  readonly keepAxes?: boolean;
}

const reduceTable = optionTable<ReduceOptions>({ axes: 'number or array', keepAxes: 'boolean' });

/** Sum over axes. The sum of nothing is 0. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('sum', x, options);
}

/** Maximum over axes; equal maxima share the gradient. @throws ShapeError for the maximum of nothing. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('max', x, options);
}

/** Mean over axes. @throws ShapeError for the mean of nothing. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions('mean', options, reduceTable);
  requireFloat('mean', x);
  const axes = normalAxes('mean', options.axes, x);
  const count = sizeOf(axes.map((axis) => x.shape[axis] as number));
  if (count === 0) throw emptyError('mean', x, axes);
  return scope(() => div(sum(x, options), count));
}

function reduce(op: 'sum' | 'max', x: Tensor, options: ReduceOptions): Tensor {
  requireTensor(op, 'the argument', x);
  checkOptions(op, options, reduceTable);
  const axes = normalAxes(op, options.axes, x);
  if (op === 'max' && axes.some((axis) => x.shape[axis] === 0)) throw emptyError(op, x, axes);
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.length === 0) return alias(x);
  if (!options.keepAxes) return bind(op, [x], { axes }, shape, x.dtype);
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return scope(() => reshape(bind(op, [x], { axes }, shape, x.dtype), kept));
}

function emptyError(op: string, x: Tensor, axes: readonly number[]): ShapeError {
  return new ShapeError(`${op}: nothing to reduce over axes [${String(axes)}] of ${formatShape(x.shape)}.`);
}
