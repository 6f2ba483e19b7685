import { checkOptions } from '../../backend/index.js';
import { scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { requireTensor } from './checks.js';
import { abs, equal, less, lessEqual, maximum, mul } from './elementwise.js';
import { requireDType, withOperands, type TensorLike } from './operands.js';
import { reduceTable, sum, type ReduceOptions } from './reduce.js';

/** i32: 1 where `a ≠ b`; NaN differs from everything, itself included. */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return withOperands('notEqual', a, b, (x, y) => scope(() => equal(equal(x, y), 0)));
}

/** i32: 1 where `a > b`. */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return withOperands('greater', a, b, (x, y) => less(y, x));
}

/** i32: 1 where `a ≥ b`. */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return withOperands('greaterEqual', a, b, (x, y) => lessEqual(y, x));
}

/** i32: 1 where an i32 condition is 0. */
export function logicalNot(x: Tensor): Tensor {
  requireDType('logicalNot', 'the argument', x, 'i32');
  return equal(x, 0);
}

/** i32: 1 where both i32 conditions are not 0. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return scope(() => mul(truthOf('logicalAnd', 'a', a), truthOf('logicalAnd', 'b', b)));
}

/** i32: 1 where at least one of two i32 conditions is not 0. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return scope(() => maximum(truthOf('logicalOr', 'a', a), truthOf('logicalOr', 'b', b)));
}

/** i32: 1 where an element is NaN. */
export function isNaN(x: Tensor): Tensor {
  requireTensor('isNaN', 'the argument', x);
  return notEqual(x, x);
}

const largest = { f32: (2 - 2 ** -23) * 2 ** 127, f64: Number.MAX_VALUE };

/** i32: 1 where an element is neither NaN nor infinite. */
export function isFinite(x: Tensor): Tensor {
  requireTensor('isFinite', 'the argument', x);
  if (x.dtype === 'i32') return equal(x, x);
  const limit = largest[x.dtype];
  return scope(() => lessEqual(abs(x), limit));
}

/** i32: 1 where any element over `axes` is not 0, NaN included; of nothing, 0. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions('any', options, reduceTable);
  requireTensor('any', 'the argument', x);
  return scope(() => less(0, sum(notEqual(x, 0), options)));
}

/** i32: 1 where all elements over `axes` are other than 0, NaN included; of nothing, 1. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions('all', options, reduceTable);
  requireTensor('all', 'the argument', x);
  return scope(() => equal(sum(equal(x, 0), options), 0));
}

/** A condition as 0 and 1. */
function truthOf(op: string, what: string, x: Tensor): Tensor {
  requireDType(op, what, x, 'i32');
  return notEqual(x, 0);
}
