import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  distance,
  indicesOf,
  poisoned,
  positionOf,
  randomTensor,
  shapes,
  subsetOf,
  take,
  tensor,
  valuesOf,
} from './helpers.js';

const js = poisoned();

/** Folds the elements that share a kept index. */
function reduced(values: number[], shape: number[], axes: number[], fold: (xs: number[]) => number): number[] {
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const groups = indicesOf(kept).map((): number[] => []);
  for (const [position, index] of indicesOf(shape).entries()) {
    const at = positionOf(kept, index.filter((_, axis) => !axes.includes(axis))); // prettier-ignore
    groups[at]!.push(values[position]!);
  }
  return groups.map(fold);
}

const cases = (minLength: number) =>
  fc
    .array(fc.integer({ min: minLength, max: 4 }), { maxLength: 4 })
    .chain((shape) => fc.tuple(fc.constant(shape), subsetOf(shape.length)));

describe('sum', () => {
  it('reduces any axes of any shape', () => {
    fc.assert(
      fc.property(cases(0), ([shape, axes]) => {
        const x = randomTensor(js, shape, 5);
        const expected = reduced(valuesOf(js, x), shape, axes, (xs) => xs.reduce((a, b) => a + b, 0));
        const kept = shape.filter((_, axis) => !axes.includes(axis));
        expect(distance(take(js, js.sum(x, axes), kept), expected)).toBeLessThan(1e-15 * 256);
        js.release(x.handle);
      }),
    );
    expect(js.memory().buffers).toBe(0);
  });

  it('loses nothing over many f32 elements, along either axis', () => {
    const n = 2 ** 20;
    for (const [shape, axis] of [
      [[n, 1], 0],
      [[1, n], 1],
      [[n / 2, 2], 0],
    ] as const) {
      const x = { handle: js.fill(shape, 0.1, 'f32'), shape, dtype: 'f32' as const };
      const total = take(js, js.sum(x, [axis]), [shape[1 - axis]!], 'f32')[0]!;
      expect(total).toBe(Math.fround(Math.fround(0.1) * shape[axis]));
      js.release(x.handle);
    }
  });

  it('passes NaN and infinity on, and sums i32', () => {
    const x = tensor(js, [1, Infinity, NaN, 1], [2, 2]);
    expect(take(js, js.sum(x, [1]), [2])).toEqual([Infinity, NaN]);
    const counts = tensor(js, [1, 2, 3], [3], 'i32');
    expect(take(js, js.sum(counts, [0]), [], 'i32')).toEqual([6]);
    js.release(x.handle);
    js.release(counts.handle);
  });
});

describe('max', () => {
  it('reduces any axes of any shape', () => {
    fc.assert(
      fc.property(cases(1), ([shape, axes]) => {
        const x = randomTensor(js, shape, 6);
        const expected = reduced(valuesOf(js, x), shape, axes, (xs) => Math.max(...xs));
        const kept = shape.filter((_, axis) => !axes.includes(axis));
        expect(take(js, js.max(x, axes), kept)).toEqual(expected);
        js.release(x.handle);
      }),
    );
  });

  it('lets NaN win wherever it stands', () => {
    const x = tensor(js, [NaN, 1, 2, 1, NaN, 2, 1, 2, NaN, -Infinity, -Infinity, -Infinity], [4, 3]);
    expect(take(js, js.max(x, [1]), [4])).toEqual([NaN, NaN, NaN, -Infinity]);
    js.release(x.handle);
  });

  it('gives an empty result for an empty batch', () => {
    const x = tensor(js, [], [0, 3]);
    expect(take(js, js.max(x, [1]), [0])).toEqual([]);
    js.release(x.handle);
  });

  it('takes shapes of every rank', () => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const x = randomTensor(js, shape, 7);
        expect(take(js, js.max(x, []), shape)).toEqual(valuesOf(js, x));
        js.release(x.handle);
      }),
    );
  });
});
