import { broadcastShapes, formatShape, sameShape, ShapeError, sizeOf, type Shape } from '../../backend/index.js';
import { bind, commonBackend } from '../bind.js';
import { alias, scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { checkShape } from './create.js';
import { requireList, requireTensor } from './checks.js';
import { normalAxes, normalAxis } from './operands.js';

/** The same elements under another shape; one length may be −1 and is worked out. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  requireTensor('reshape', 'the argument', x);
  requireList('reshape', 'the shape', shape);
  const { size } = x;
  const resolved = resolvedShape(shape, size);
  if (sizeOf(resolved) !== size || !resolved.every(isLength)) {
    throw new ShapeError(
      `reshape: ${formatShape(x.shape)} has ${x.size} elements and cannot become ${formatShape(shape)}; the products must be equal.`,
    );
  }
  return sameShape(resolved, x.shape) ? alias(x) : bind('reshape', [x], { shape: resolved }, resolved, x.dtype);
}

/** A shape for `size` elements in which −1 is worked out. */
function resolvedShape(shape: Shape, size: number): Shape {
  if (!shape.includes(-1)) return [...shape];
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  return shape.map((length) => (length === -1 ? size / known : length));
}

function isLength(length: number): boolean {
  return Number.isInteger(length) && length >= 0;
}

/** Axes in another order: axis i of the result is axis `permutation[i]` of x; default reverses them. */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  requireTensor('transpose', 'the argument', x);
  if (permutation !== undefined) requireList('transpose', 'the permutation', permutation);
  const order = permutation ?? x.shape.map((_, axis) => x.rank - 1 - axis);
  if (order.length !== x.rank || [...order].sort((a, b) => a - b).some((axis, index) => axis !== index)) {
    throw new ShapeError(
      `transpose: [${String(order)}] is not a permutation of the ${x.rank} axes of ${formatShape(x.shape)}.`,
    );
  }
  if (order.every((axis, index) => axis === index)) return alias(x);
  const shape = order.map((axis) => x.shape[axis] as number);
  return bind('transpose', [x], { permutation: [...order] }, shape, x.dtype);
}

/** Stretches axes of length 1, and adds leading axes, to `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  requireTensor('broadcastTo', 'the argument', x);
  checkShape('broadcastTo', shape);
  if (sameShape(x.shape, shape)) return alias(x);
  if (!sameShape(broadcastShapes(x.shape, shape, 'broadcastTo'), shape)) {
    throw new ShapeError(
      `broadcastTo: ${formatShape(x.shape)} cannot stretch to ${formatShape(shape)}; only axes of length 1 stretch.`,
    );
  }
  return bind('broadcast', [x], { shape: [...shape] }, [...shape], x.dtype);
}

/** The box that starts at `begin` and has `size`; −1 in `size` reaches to the end of its axis. */
export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  requireTensor('slice', 'the argument', x);
  requireList('slice', 'begin', begin);
  requireList('slice', 'size', size);
  const resolved = size.map((length, axis) => (length === -1 ? (x.shape[axis] ?? 0) - (begin[axis] ?? 0) : length));
  const fits =
    begin.length === x.rank &&
    size.length === x.rank &&
    begin.every((from, axis) => {
      const length = resolved[axis] as number;
      return (
        Number.isInteger(from) &&
        Number.isInteger(length) &&
        from >= 0 &&
        length >= 0 &&
        from + length <= (x.shape[axis] as number)
      );
    });
  if (!fits) {
    throw new ShapeError(
      `slice: begin [${String(begin)}] with size [${String(size)}] is not inside ${formatShape(x.shape)}.`,
    );
  }
  if (sameShape(resolved, x.shape)) return alias(x);
  return bind('slice', [x], { begin: [...begin], size: resolved }, resolved, x.dtype);
}

/** `x[from … to)` along one axis, by default the first: a stretch of time, without a copy where the backend has views. */
export function sliceAxis(x: Tensor, from: number, to: number, axis = 0): Tensor {
  requireTensor('sliceAxis', 'the argument', x);
  const along = normalAxis('sliceAxis', axis, x);
  // A length of −1 would mean all that is left.
  if (!(Number.isInteger(from) && Number.isInteger(to) && from <= to)) {
    throw new ShapeError(`sliceAxis: from ${from} to ${to} is no range of axis ${axis} of ${formatShape(x.shape)}.`);
  }
  const begin = x.shape.map((_, index) => (index === along ? from : 0));
  const size = x.shape.map((length, index) => (index === along ? to - from : length));
  return slice(x, begin, size);
}

/** Row `index` along the first axis, which disappears. */
export function row(x: Tensor, index: number): Tensor {
  requireTensor('row', 'the argument', x);
  if (x.shape[0] === 1 && index === 0) return reshape(x, x.shape.slice(1));
  return scope(() => reshape(sliceAxis(x, index, index + 1), x.shape.slice(1)));
}

/** Tensors joined along an axis; all other axes must be equal. */
export function concat(xs: readonly Tensor[], axis = 0): Tensor {
  requireTensors('concat', xs);
  const first = xs[0];
  if (xs.length === 1) return alias(first);
  commonBackend('concat', xs);
  const along = normalAxis('concat', axis, first);
  for (const x of xs) {
    const fits =
      x.rank === first.rank && x.shape.every((length, index) => index === along || length === first.shape[index]);
    if (!fits || x.dtype !== first.dtype) {
      throw new ShapeError(
        `concat: ${x.dtype}${formatShape(x.shape)} does not join ${first.dtype}${formatShape(first.shape)} along axis ${axis}; ` +
          'dtypes and all other axes must be equal.',
      );
    }
  }
  const total = xs.reduce((length, x) => length + (x.shape[along] as number), 0);
  const shape = first.shape.map((length, index) => (index === along ? total : length));
  return bind('concat', xs, { axis: along }, shape, first.dtype);
}

/** Tensors of one shape joined along a new axis. */
export function stack(xs: readonly Tensor[], axis = 0): Tensor {
  requireTensors('stack', xs);
  const first = xs[0];
  const along = normalAxis('stack', axis, first, 1);
  const widen = (x: Tensor): Tensor => reshape(x, [...x.shape.slice(0, along), 1, ...x.shape.slice(along)]);
  return xs.length === 1 ? widen(first) : scope(() => concat(xs.map(widen), along));
}

/** The order along axes reversed. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  requireTensor('flip', 'the argument', x);
  const along = normalAxes('flip', axes, x);
  return along.length === 0 ? alias(x) : bind('flip', [x], { axes: along }, x.shape, x.dtype);
}

function requireTensors(op: string, xs: readonly Tensor[]): asserts xs is readonly [Tensor, ...Tensor[]] {
  requireList(op, 'the tensors', xs);
  if (xs.length === 0) throw new ShapeError(`${op}: no tensors were given; at least one is needed.`);
  xs.forEach((x, index) => requireTensor(op, `tensor ${index}`, x));
}
