import { sizeOf } from '@tempograd/core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  indicesOf,
  poisoned,
  positionOf,
  randomTensor,
  shapes,
  stretchable,
  subsetOf,
  take,
  tensor,
  valuesOf,
  type JsTensor,
} from './helpers.js';

const js = poisoned();

/** What a layout op must give: each index of the result reads one of the source. */
function moved(x: JsTensor, shape: number[], source: (index: number[]) => number[]): number[] {
  const values = valuesOf(js, x);
  return indicesOf(shape).map((index) => values[positionOf(x.shape, source(index))]!);
}

function released(...xs: JsTensor[]): void {
  for (const x of xs) js.release(x.handle);
  expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
}

describe('layout', () => {
  it('reshape keeps the order', () => {
    const x = randomTensor(js, [2, 6], 1);
    expect(take(js, js.reshape(x, [3, 4]), [3, 4])).toEqual(valuesOf(js, x));
    released(x);
  });

  it('transpose permutes any axes', () => {
    const cases = shapes().chain((shape) =>
      fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    );
    fc.assert(
      fc.property(cases, ([shape, permutation]) => {
        const x = randomTensor(js, shape, 2);
        const result = permutation.map((axis) => shape[axis]!);
        const expected = moved(x, result, (index) => shape.map((_, axis) => index[permutation.indexOf(axis)]!));
        expect(take(js, js.transpose(x, permutation), result)).toEqual(expected);
        released(x);
      }),
    );
  });

  it('broadcast stretches any axes', () => {
    const cases = shapes().chain((full) => fc.tuple(fc.constant(full), stretchable(full)));
    fc.assert(
      fc.property(cases, ([full, shape]) => {
        const x = randomTensor(js, shape, 3);
        expect(take(js, js.broadcast(x, full), full)).toEqual(moved(x, full, (index) => index));
        released(x);
      }),
    );
  });

  it('slice cuts any box, and shares storage exactly where the box is one stretch', () => {
    const cases = shapes().chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(
          ...shape.map((length) =>
            fc.nat(length).chain((begin) => fc.tuple(fc.constant(begin), fc.nat(length - begin))),
          ),
        ),
      ),
    );
    fc.assert(
      fc.property(cases, ([shape, box]) => {
        const begin = box.map(([start]) => start);
        const size = box.map(([, length]) => length);
        const x = randomTensor(js, shape, 4);
        const handle = js.slice(x, begin, size);
        const positions = indicesOf(size).map((index) =>
          positionOf(
            shape,
            index.map((i, axis) => i + begin[axis]!),
          ),
        );
        if (sizeOf(size) > 0) {
          const isStretch = positions.every((position, i) => position === positions[0]! + i);
          expect(js.memory().buffers).toBe(isStretch ? 1 : 2);
        }
        const expected = moved(x, size, (index) => index.map((i, axis) => i + begin[axis]!));
        expect(take(js, handle, size)).toEqual(expected);
        released(x);
      }),
      { numRuns: 300 },
    );
  });

  it('flip reverses any axes', () => {
    const cases = shapes().chain((shape) => fc.tuple(fc.constant(shape), subsetOf(shape.length)));
    fc.assert(
      fc.property(cases, ([shape, axes]) => {
        const x = randomTensor(js, shape, 5);
        const expected = moved(x, shape, (index) =>
          index.map((i, axis) => (axes.includes(axis) ? shape[axis]! - 1 - i : i)),
        );
        expect(take(js, js.flip(x, axes), shape)).toEqual(expected);
        released(x);
      }),
    );
  });

  it('concat joins along any axis', () => {
    const cases = shapes()
      .filter((shape) => shape.length > 0)
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.nat(shape.length - 1), fc.array(fc.nat(3), { minLength: 1, maxLength: 3 })),
      );
    fc.assert(
      fc.property(cases, ([shape, axis, lengths]) => {
        const parts = lengths.map((length, seed) => randomTensor(js, shape.with(axis, length), seed));
        const total = lengths.reduce((a, b) => a + b, 0);
        const values = parts.map((part) => valuesOf(js, part));
        const expected = indicesOf(shape.with(axis, total)).map((index) => {
          let [part, at] = [0, index[axis]!];
          while (at >= lengths[part]!) at -= lengths[part++]!;
          return values[part]![positionOf(parts[part]!.shape, index.with(axis, at))]!;
        });
        expect(take(js, js.concat(parts, axis), shape.with(axis, total))).toEqual(expected);
        released(...parts);
      }),
    );
  });
});

describe('gather and scatterAdd', () => {
  it('gather takes rows by number, for indices of any shape', () => {
    const x = randomTensor(js, [4, 3], 6);
    const index = tensor(js, [3, 0, 0, 2], [2, 2], 'i32');
    const rows = valuesOf(js, x);
    const expected = [3, 0, 0, 2].flatMap((row) => rows.slice(row * 3, row * 3 + 3));
    expect(take(js, js.gather(x, index), [2, 2, 3])).toEqual(expected);
    released(x, index);
  });

  it('gather gives NaN, or 0 for i32, outside', () => {
    const index = tensor(js, [-1, 1, 2], [3], 'i32');
    const x = tensor(js, [1, 2], [2], 'f32');
    const counts = tensor(js, [1, 2], [2], 'i32');
    expect(take(js, js.gather(x, index), [3], 'f32')).toEqual([NaN, 2, NaN]);
    expect(take(js, js.gather(counts, index), [3], 'i32')).toEqual([0, 2, 0]);
    released(index, x, counts);
  });

  it('scatterAdd adds up repeated rows and drops those outside', () => {
    const index = tensor(js, [1, -1, 1, 3, 0], [5], 'i32');
    const updates = tensor(js, [1, 2, 9, 9, 10, 20, 9, 9, 100, 200], [5, 2]);
    expect(take(js, js.scatterAdd(index, updates, 3), [3, 2])).toEqual([100, 200, 11, 22, 0, 0]);
    released(index, updates);
  });

  it('scatterAdd takes numbers of any shape, as gather does', () => {
    const index = tensor(js, [0, 2, 2, 0, 1, 2], [3, 2], 'i32');
    const updates = tensor(js, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2]);
    expect(take(js, js.scatterAdd(index, updates, 3), [3, 2])).toEqual([8, 10, 9, 10, 19, 22]);
    released(index, updates);
  });

  it('scatterAdd is the transpose of gather', () => {
    const cases = fc.record({ rows: fc.integer({ min: 1, max: 6 }), index: fc.array(fc.integer({ min: -1, max: 7 })) });
    fc.assert(
      fc.property(cases, ({ rows, index }) => {
        const x = randomTensor(js, [rows, 2], 7);
        const y = randomTensor(js, [index.length, 2], 8);
        const number = tensor(js, index, [index.length], 'i32');
        const dot = (a: number[], b: number[]) =>
          a.reduce((sum, value, i) => sum + (Number.isNaN(value) ? 0 : value * b[i]!), 0);
        const forward = dot(take(js, js.gather(x, number), [index.length, 2]), valuesOf(js, y));
        const back = dot(take(js, js.scatterAdd(number, y, rows), [rows, 2]), valuesOf(js, x));
        expect(back).toBeCloseTo(forward, 12);
        released(x, y, number);
      }),
    );
  });
});

describe('cast and fill', () => {
  it('cast truncates toward zero, saturates and takes NaN to 0', () => {
    const x = tensor(js, [1.9, -1.9, 1e20, -1e20, NaN, Infinity], [6]);
    expect(take(js, js.cast(x, 'i32'), [6], 'i32')).toEqual([1, -1, 2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1]);
    expect(take(js, js.cast(x, 'f32'), [6], 'f32')).toEqual(valuesOf(js, x).map(Math.fround));
    released(x);
  });

  it('fill sets every element, of scalars and empty shapes too', () => {
    expect(take(js, js.fill([2, 2], 0.5, 'f32'), [2, 2], 'f32')).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(take(js, js.fill([], 3, 'i32'), [], 'i32')).toEqual([3]);
    expect(take(js, js.fill([0], 3, 'f64'), [0])).toEqual([]);
    released();
  });
});
