import { broadcastStrides, sizeOf, stridesOf, type Shape, type TypedArray } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';
import { forEachRun, planRuns } from './runs.js';

/** Copies the elements that `strides` visit from `start` into dense `y`. Every layout op that moves elements is this copy. */
export function copyStrided(
  x: TypedArray,
  start: number,
  shape: Shape,
  strides: readonly number[],
  y: TypedArray,
): void {
  const runs = planRuns(shape, [strides]);
  const { length } = runs;
  const step = runs.steps[0]!;
  forEachRun(runs, [start], (at, o) => {
    for (let i = at[0]!, end = o + length; o < end; o++, i += step) y[o] = x[i]!;
  });
}

function copied(memory: Memory, x: JsOperand, start: number, shape: Shape, strides: readonly number[]): JsHandle {
  const source = memory.data(x);
  const result = memory.allocate(x.dtype, sizeOf(shape));
  copyStrided(source, start, shape, strides, result.data);
  return result;
}

export function reshape(memory: Memory, x: JsOperand): JsHandle {
  return memory.share(x.handle, 0, sizeOf(x.shape));
}

export function transpose(memory: Memory, x: JsOperand, permutation: readonly number[]): JsHandle {
  const strides = stridesOf(x.shape);
  const shape = permutation.map((axis) => x.shape[axis]!);
  return copied(memory, x, 0, shape, permutation.map((axis) => strides[axis]!)); // prettier-ignore
}

export function broadcast(memory: Memory, x: JsOperand, shape: Shape): JsHandle {
  return copied(memory, x, 0, shape, broadcastStrides(x.shape, shape));
}

export function slice(memory: Memory, x: JsOperand, begin: readonly number[], size: readonly number[]): JsHandle {
  const strides = stridesOf(x.shape);
  const start = begin.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
  if (isContiguous(x.shape, size)) return memory.share(x.handle, start, sizeOf(size));
  return copied(memory, x, start, size, strides);
}

/** Whether a box of `size` is one stretch of a row-major tensor: whole along every axis after the first it is longer than 1 along. */
function isContiguous(shape: Shape, size: readonly number[]): boolean {
  const first = size.findIndex((length) => length !== 1);
  return first < 0 || size.every((length, axis) => axis <= first || length === shape[axis]);
}

export function flip(memory: Memory, x: JsOperand, axes: readonly number[]): JsHandle {
  const own = stridesOf(x.shape);
  const start = axes.reduce((sum, axis) => sum + (x.shape[axis]! - 1) * own[axis]!, 0);
  return copied(memory, x, start, x.shape, own.map((stride, axis) => (axes.includes(axis) ? -stride : stride))); // prettier-ignore
}

export function concat(memory: Memory, xs: readonly JsOperand[], axis: number): JsHandle {
  const { shape, dtype } = xs[0]!;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const row = inner * xs.reduce((sum, x) => sum + x.shape[axis]!, 0);
  const sources = xs.map((x) => memory.data(x));
  const y = memory.allocate(dtype, outer * row);
  let column = 0;
  for (const [number, source] of sources.entries()) {
    const width = xs[number]!.shape[axis]! * inner;
    for (let r = 0; r < outer; r++) {
      for (let j = 0, i = r * width, o = r * row + column; j < width; j++) y.data[o++] = source[i++]!;
    }
    column += width;
  }
  return y;
}
