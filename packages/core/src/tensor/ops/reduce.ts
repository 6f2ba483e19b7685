import {
  checkOptions,
  formatShape,
  optionTable,
  ShapeError,
  sizeOf,
  type OptionKinds,
  type OptionTable,
} from '../../backend/index.js';
import { bind } from '../bind.js';
import { alias, scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { full } from './create.js';
import { div, mul, neg, sub } from './elementwise.js';
import { concat, reshape, sliceAxis, transpose } from './layout.js';
import { requireTensor } from './checks.js';
import { normalAxes, requireFloat } from './operands.js';

/** How to reduce. */
export interface ReduceOptions {
  /** Axes to reduce, negative ones from the back; default is all. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes with length 1; default is false. */
  readonly keepAxes?: boolean;
}

/** Kinds of `ReduceOptions`. */
export const reduceKinds: OptionKinds<ReduceOptions> = { axes: 'number or array', keepAxes: 'boolean' };
/** The options of reductions that take no others. */
export const reduceTable: OptionTable = optionTable<ReduceOptions>(reduceKinds);

/** Sum over axes. The sum of nothing is 0. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('sum', x, options);
}

/** Maximum over axes; equal maxima share the gradient. @throws ShapeError for the maximum of nothing. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('max', x, options);
}

/** Minimum over axes; equal minima share the gradient. @throws ShapeError for the minimum of nothing. */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions('min', options, reduceTable);
  requireTensor('min', 'the argument', x);
  const axes = normalAxes('min', options.axes, x);
  if (axes.some((axis) => x.shape[axis] === 0)) throw emptyError('min', x, axes);
  return scope(() => opposite(max(opposite(x), options)));
}

/** Product over axes, in pairs of pairs; its gradient is right where elements are 0 too. The product of nothing is 1. */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions('prod', options, reduceTable);
  requireTensor('prod', 'the argument', x);
  const axes = normalAxes('prod', options.axes, x);
  const others = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const rest = others.map((axis) => x.shape[axis] as number);
  const count = sizeOf(axes.map((axis) => x.shape[axis] as number));
  const kept = options.keepAxes ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length)) : rest;
  if (count === 0) return full(kept, 1, { dtype: x.dtype, backend: x.backend });
  return scope(() => {
    let factors = reshape(transpose(x, [...axes, ...others]), [count, ...rest]);
    for (let left = count; left > 1; left = Math.ceil(left / 2)) {
      const half = Math.floor(left / 2);
      const pairs = mul(sliceAxis(factors, 0, half), sliceAxis(factors, half, 2 * half));
      factors = left % 2 === 0 ? pairs : concat([pairs, sliceAxis(factors, 2 * half, left)]);
    }
    return reshape(factors, kept);
  });
}

/** In the opposite order, without a loss: the least i32 has no negative. */
export function opposite(x: Tensor): Tensor {
  return x.dtype === 'i32' ? sub(-1, x) : neg(x);
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
