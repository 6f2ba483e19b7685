import { makeTypedArray, sizeOf, stridesOf, type TypedArray } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';
import { copyStrided } from './layout.js';

/** A reduction in its plain form: `[outer, length, inner]`, over the middle axis. */
interface Reduction {
  readonly data: TypedArray;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Brings a reduction into its plain form; only axes that do not lie together cost a copy. */
function planReduction(memory: Memory, x: JsOperand, axes: readonly number[]): Reduction {
  const { shape } = x;
  const data = memory.data(x);
  const first = axes[0] ?? shape.length;
  const end = first + axes.length;
  if (axes.every((axis, position) => axis === first + position)) {
    const sizes = [shape.slice(0, first), shape.slice(first, end), shape.slice(end)].map(sizeOf);
    return { data, outer: sizes[0]!, length: sizes[1]!, inner: sizes[2]! };
  }
  const order = [...shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const strides = stridesOf(shape);
  const sorted = makeTypedArray(x.dtype, data.length);
  copyStrided(data, 0, order.map((axis) => shape[axis]!), order.map((axis) => strides[axis]!), sorted); // prettier-ignore
  const length = sizeOf(axes.map((axis) => shape[axis]!));
  const outer = sizeOf(order.slice(0, -axes.length).map((axis) => shape[axis]!));
  return { data: sorted, outer, length, inner: 1 };
}

/** Sums in f64: pairwise along the last axis, else row by row. */
export function sum(memory: Memory, x: JsOperand, axes: readonly number[]): JsHandle {
  const { data, outer, length, inner } = planReduction(memory, x, axes);
  const result = memory.allocate(x.dtype, outer * inner);
  if (inner === 1) {
    for (let o = 0; o < outer; o++) result.data[o] = sumRun(data, o * length, length);
    return result;
  }
  const totals = new Float64Array(inner);
  for (let o = 0; o < outer; o++) {
    sumRows(data, o * length * inner, length, totals);
    for (let j = 0; j < inner; j++) result.data[o * inner + j] = totals[j]!;
  }
  return result;
}

/** Pairwise sum of a contiguous run: its rounding error grows with log n, not n. */
function sumRun(x: TypedArray, start: number, length: number): number {
  if (length > 128) {
    const half = length >> 1;
    return sumRun(x, start, half) + sumRun(x, start + half, length - half);
  }
  let total = 0;
  for (let i = start; i < start + length; i++) total += x[i]!;
  return total;
}

/** Column sums of `[rows, totals.length]`. */
export function sumRows(x: TypedArray, start: number, rows: number, totals: Float64Array): void {
  const width = totals.length;
  totals.fill(0);
  for (let row = 0, i = start; row < rows; row++) {
    for (let j = 0; j < width; j++) totals[j]! += x[i++]!;
  }
}

export function max(memory: Memory, x: JsOperand, axes: readonly number[]): JsHandle {
  const { data, outer, length, inner } = planReduction(memory, x, axes);
  const result = memory.allocate(x.dtype, outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const start = o * length * inner + j;
      let best = -Infinity;
      // Once NaN, `best` stays: nothing is greater than NaN.
      for (let i = start, end = start + length * inner; i < end; i += inner) {
        const value = data[i]!;
        if (value > best || value !== value) best = value;
      }
      result.data[o * inner + j] = best;
    }
  }
  return result;
}
