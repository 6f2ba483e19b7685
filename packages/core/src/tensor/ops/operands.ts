import { DTypeError, formatShape, isFloat, ShapeError, type DType } from '../../backend/index.js';
import { currentBackend } from '../defaultBackend.js';
import { Tensor } from '../Tensor.js';
import { full } from './create.js';

/** An op's argument: a tensor, or a number that becomes a scalar of the other argument's dtype. */
export type TensorLike = Tensor | number;

/** Gives `fn` two arguments as tensors of one dtype, and frees again what it made of numbers. */
export function withOperands(op: string, a: TensorLike, b: TensorLike, fn: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const like = a instanceof Tensor ? a : b instanceof Tensor ? b : null;
  const first = a instanceof Tensor ? a : constantLike(a, like);
  const second = b instanceof Tensor ? b : constantLike(b, like);
  try {
    requireSameDType(op, first, second);
    return fn(first, second);
  } finally {
    if (first !== a) first.dispose();
    if (second !== b) second.dispose();
  }
}

/** @throws DTypeError unless two arguments have one dtype. */
export function requireSameDType(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    throw new DTypeError(`${op}: dtypes ${a.dtype} and ${b.dtype} differ; convert one with cast().`);
  }
}

function constantLike(value: number, like: Tensor | null): Tensor {
  const backend = like?.backend ?? currentBackend();
  const dtype = like?.dtype ?? 'f32';
  return full([], value, { backend, dtype });
}

/** @throws DTypeError unless `x` is floating-point. */
export function requireFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${op}: needs f32 or f64, but was given ${x.dtype}; convert it with cast().`);
}

/** @throws DTypeError unless `x` has the dtype. */
export function requireDType(op: string, what: string, x: Tensor, dtype: DType): void {
  if (x.dtype !== dtype)
    throw new DTypeError(`${op}: ${what} must be ${dtype}, but is ${x.dtype}; convert it with cast().`);
}

/** `axis` counted from the front, where negative ones count from the back. */
export function normalAxis(op: string, axis: number, x: Tensor, extra = 0): number {
  const rank = x.rank + extra;
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new ShapeError(`${op}: axis ${axis} is not an axis of ${formatShape(x.shape)}; use ${-rank} to ${rank - 1}.`);
  }
  return normal;
}

/** Sorted distinct axes counted from the front; all axes when undefined. */
export function normalAxes(op: string, axes: number | readonly number[] | undefined, x: Tensor): number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalAxis(op, axis, x));
  const distinct = [...new Set(list)].sort((p, q) => p - q);
  if (distinct.length !== list.length) throw new ShapeError(`${op}: axes [${String(axes)}] name one axis twice.`);
  return distinct;
}
