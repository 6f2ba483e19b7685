import { ArgumentError, DTypeError, formatShape, isFloat, ShapeError, type DType } from '../../backend/index.js';
import { currentBackend } from '../defaultBackend.js';
import { Literal, Tensor } from '../Tensor.js';
import { requireList, requireTensor } from './checks.js';
import { full } from './create.js';

/** An op's argument: a tensor, or a number that stands for a scalar of the other argument's dtype. */
export type TensorLike = Tensor | number;

/**
 * Gives `fn` two arguments as tensors of one dtype: a number beside a tensor as a literal. Where neither has a buffer, one is
 * filled for the time of the call, on the backend of `beside` or the selected one.
 */
export function withOperands(
  op: string,
  a: TensorLike,
  b: TensorLike,
  fn: (a: Tensor, b: Tensor) => Tensor,
  beside: Tensor | null = null,
): Tensor {
  const like = buffered(a) ?? buffered(b);
  if (like === null) {
    const filled = fillScalar(op, a, b, beside);
    try {
      return fn(filled, literalBeside(op, b, filled));
    } finally {
      filled.dispose();
    }
  }
  const [first, second] = [literalBeside(op, a, like), literalBeside(op, b, like)];
  requireSameDType(op, first, second);
  return fn(first, second);
}

function buffered(x: TensorLike): Tensor | null {
  return x instanceof Tensor && !(x instanceof Literal) ? x : null;
}

/** @throws ArgumentError for what is neither tensor nor number, DTypeError for a number that an i32 tensor cannot hold. */
function literalBeside(op: string, x: TensorLike, like: Tensor): Tensor {
  if (x instanceof Tensor) return x;
  requireNumber(op, x);
  if (like.dtype === 'i32' && (x | 0) !== x) {
    throw new DTypeError(
      `${op}: the number ${x} stands beside an i32 tensor, which holds whole numbers from −2³¹ to 2³¹ − 1; ` +
        "convert the tensor first with cast(x, 'f32').",
    );
  }
  return new Literal(x, like);
}

/** A scalar with a buffer, for the first of two numbers or literals. */
function fillScalar(op: string, a: TensorLike, b: TensorLike, beside: Tensor | null): Tensor {
  const literal = a instanceof Literal ? a : b instanceof Literal ? b : null;
  const value = a instanceof Literal ? a.value : (a as number);
  requireNumber(op, value);
  const backend = (literal ?? beside)?.backend ?? currentBackend();
  const dtype = literal?.dtype ?? 'f32';
  return full([], value, { backend, dtype });
}

function requireNumber(op: string, x: unknown): asserts x is number {
  if (typeof x === 'number') return;
  throw new ArgumentError(
    `${op}: needs tensors or numbers, but was given ${x === null ? 'null' : typeof x}. ` +
      'Make a tensor of other values with tensor().',
  );
}

/** @throws DTypeError unless two arguments have one dtype. */
export function requireSameDType(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    throw new DTypeError(`${op}: dtypes ${a.dtype} and ${b.dtype} differ; convert one with cast().`);
  }
}

/** @throws DTypeError unless `x` is floating-point. */
export function requireFloat(op: string, x: Tensor): void {
  requireTensor(op, 'the argument', x);
  if (!isFloat(x.dtype))
    throw new DTypeError(`${op}: needs f32 or f64, but was given ${x.dtype}; convert it with cast().`);
}

/** @throws DTypeError unless `x` has the dtype. */
export function requireDType(op: string, what: string, x: Tensor, dtype: DType): void {
  requireTensor(op, what, x);
  if (x.dtype !== dtype)
    throw new DTypeError(`${op}: ${what} must be ${dtype}, but is ${x.dtype}; convert it with cast().`);
}

/** `axis` counted from the front, where negative ones count from the back. */
export function normalAxis(op: string, axis: number, x: Tensor, extra = 0): number {
  const rank = x.rank + extra;
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    const known = rank === 0 ? 'a number alone has none, reshape(x, [1]) gives it one' : `use ${-rank} to ${rank - 1}`;
    throw new ShapeError(`${op}: axis ${axis} is not an axis of ${formatShape(x.shape)}; ${known}.`);
  }
  return normal;
}

/** Sorted distinct axes counted from the front; all axes when undefined. */
export function normalAxes(op: string, axes: number | readonly number[] | undefined, x: Tensor): number[] {
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  if (typeof axes !== 'number') requireList(op, 'axes', axes);
  const list = (typeof axes === 'number' ? [axes] : axes).map((axis) => normalAxis(op, axis, x));
  const distinct = [...new Set(list)].sort((p, q) => p - q);
  if (distinct.length !== list.length) throw new ShapeError(`${op}: axes [${String(axes)}] name one axis twice.`);
  return distinct;
}
