import { broadcastShapes, broadcastStrides, sizeOf, stridesOf, type Shape } from '@tempograd/core/backend';
import { at, build, type HostArray } from './HostArray.js';

/** The coordinates of element `index` of a shape. */
export function coordinates(shape: Shape, index: number): number[] {
  const result = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    result[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return result;
}

/** The row-major position of coordinates. */
function position(strides: readonly number[], place: readonly number[]): number {
  let sum = 0;
  for (let axis = 0; axis < place.length; axis++) sum += (place[axis] as number) * (strides[axis] as number);
  return sum;
}

/** A host array of `shape` whose element at a place is taken from place `from(place)` of `x`. */
export function rearrange(
  x: HostArray,
  shape: Shape,
  from: (place: readonly number[]) => readonly number[],
): HostArray {
  const strides = stridesOf(x.shape);
  const { values } = x;
  return build(shape, (index) => values[position(strides, from(coordinates(shape, index)))] as number, x.kind);
}

/** `fn` of elements of operands broadcast together. */
export function zip(
  operands: readonly HostArray[],
  fn: (...elements: number[]) => number,
  kind: HostArray['kind'] = (operands.at(-1) as HostArray).kind,
): HostArray {
  const shape = operands.map((x) => x.shape).reduce((a, b) => broadcastShapes(a, b, 'zip'));
  const strides = operands.map((x) => broadcastStrides(x.shape, shape));
  return build(
    shape,
    (index) => {
      const place = coordinates(shape, index);
      return fn(...operands.map((x, operand) => at(x, position(strides[operand] as number[], place))));
    },
    kind,
  );
}

/** `fn` of each element. */
export function map(x: HostArray, fn: (element: number, index: number) => number): HostArray {
  return { ...x, values: x.values.map(fn) };
}

/** Folds elements over `axes`, which disappear. */
export function fold(
  x: HostArray,
  axes: readonly number[],
  initial: number,
  fn: (folded: number, element: number) => number,
): HostArray {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const shape = kept.map((axis) => x.shape[axis] as number);
  const strides = stridesOf(shape);
  const values = new Float64Array(sizeOf(shape)).fill(initial);
  x.values.forEach((element, index) => {
    const place = coordinates(x.shape, index);
    const target = position(
      strides,
      kept.map((axis) => place[axis] as number),
    );
    values[target] = fn(values[target] as number, element);
  });
  return { shape, kind: x.kind, values };
}
