import { makeTypedArray, sizeOf, type Backend, type DType, type Operand, type Shape } from '@tempograd/core/backend';
import fc from 'fast-check';
import { createBackend, type JsHandle } from '../src/index.js';

export type Js = Backend<JsHandle>;
export type JsTensor = Operand<JsHandle>;

/** A backend whose new storage is poisoned, so that an element an op does not write is seen. */
export function poisoned(): Js {
  return createBackend({ poison: true });
}

export function tensor(js: Js, values: ArrayLike<number>, shape: Shape, dtype: DType = 'f64'): JsTensor {
  const data = makeTypedArray(dtype, sizeOf(shape));
  data.set(Array.from(values));
  return { handle: js.write(data, shape, dtype), shape, dtype };
}

/** The values of a result whose handle is released on the way. */
export function take(js: Js, handle: JsHandle, shape: Shape, dtype: DType = 'f64'): number[] {
  const values = Array.from(js.readSync!({ handle, shape, dtype }));
  js.release(handle);
  return values;
}

/** The values of a tensor that stays. */
export function valuesOf(js: Js, x: JsTensor): number[] {
  return Array.from(js.readSync!(x));
}

/** Numbers that look random and are the same in every run, in [−1, 1]. */
export function numbers(size: number, seed: number): Float64Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return Float64Array.from({ length: size }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}

export function randomTensor(js: Js, shape: Shape, seed: number, dtype: DType = 'f64'): JsTensor {
  return tensor(js, numbers(sizeOf(shape), seed), shape, dtype);
}

/** Every index of a shape, in row-major order. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (heads, length) => heads.flatMap((head) => Array.from({ length }, (_, last) => [...head, last])),
    [[]],
  );
}

/** Where an index stands in row-major order; axes of length 1 and missing leading axes are stretched. */
export function positionOf(shape: Shape, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return shape.reduce((position, length, axis) => position * length + (length === 1 ? 0 : own[axis]!), 0);
}

export const shapes = (maxRank = 4, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: maxLength }), { maxLength: maxRank });

/** A shape and one that broadcasts with it to that shape: some axes of length 1, some leading ones missing. */
export const stretchable = (full: Shape): fc.Arbitrary<number[]> =>
  fc
    .record({
      ones: fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
      drop: fc.nat(full.length),
    })
    .map(({ ones, drop }) => full.map((length, axis) => (ones[axis] ? 1 : length)).slice(drop));

export const subsetOf = (rank: number): fc.Arbitrary<number[]> => fc.subarray([...Array(rank).keys()]);

/** The largest difference between two lists, relative to the larger of 1 and the second's largest value. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let worst = 0;
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const difference = Math.abs(actual[i]! - expected[i]!);
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst / scale;
}
