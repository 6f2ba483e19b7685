import { broadcastShapes, type Shape } from '@tempograd/core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  distance,
  indicesOf,
  poisoned,
  positionOf,
  randomTensor,
  shapes,
  stretchable,
  take,
  tensor,
  valuesOf,
  type JsTensor,
} from './helpers.js';

const js = poisoned();

function naive(a: JsTensor, b: JsTensor, transposeA: boolean, transposeB: boolean): { shape: Shape; values: number[] } {
  const [valuesA, valuesB] = [valuesOf(js, a), valuesOf(js, b)];
  const [m, k] = transposeA ? a.shape.slice(-2).toReversed() : a.shape.slice(-2);
  const n = transposeB ? b.shape.at(-2)! : b.shape.at(-1)!;
  const shape = [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'matmul'), m!, n];
  const values = indicesOf(shape).map((index) => {
    const [batch, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    let total = 0;
    for (let p = 0; p < k!; p++) {
      const x = valuesA[matrixPosition(a.shape, batch, transposeA ? [p, i] : [i, p])]!;
      const y = valuesB[matrixPosition(b.shape, batch, transposeB ? [j, p] : [p, j])]!;
      total += x * y;
    }
    return total;
  });
  return { shape, values };
}

function matrixPosition(shape: Shape, batch: number[], [row, column]: [number, number]): number {
  const matrix = positionOf(shape.slice(0, -2), batch);
  return (matrix * shape.at(-2)! + row) * shape.at(-1)! + column;
}

const size = fc.integer({ min: 0, max: 9 });
const cases = fc.record({
  batches: shapes(2, 3).chain((full) => fc.tuple(stretchable(full), stretchable(full))),
  m: size,
  k: size,
  n: size,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

describe('matmul', () => {
  it('is the sum of products, for any sizes, batches and transposes', () => {
    fc.assert(
      fc.property(cases, ({ batches: [batchA, batchB], m, k, n, transposeA, transposeB }) => {
        const a = randomTensor(js, [...batchA, ...(transposeA ? [k, m] : [m, k])], 1);
        const b = randomTensor(js, [...batchB, ...(transposeB ? [n, k] : [k, n])], 2);
        const { shape, values } = naive(a, b, transposeA, transposeB);
        expect(distance(take(js, js.matmul(a, b, transposeA, transposeB), shape), values)).toBeLessThan(1e-14);
        js.release(a.handle);
        js.release(b.handle);
      }),
      { numRuns: 300 },
    );
    expect(js.memory().buffers).toBe(0);
  });

  it.each([[false, false], [false, true], [true, false], [true, true]])(
    'works off sizes beyond every block, transposed (%s, %s)',
    (transposeA, transposeB) => {
      const [m, k, n] = [131, 517, 66];
      const a = randomTensor(js, transposeA ? [k, m] : [m, k], 3);
      const b = randomTensor(js, transposeB ? [n, k] : [k, n], 4);
      const { shape, values } = naive(a, b, transposeA, transposeB);
      expect(distance(take(js, js.matmul(a, b, transposeA, transposeB), shape), values)).toBeLessThan(1e-13);
      js.release(a.handle);
      js.release(b.handle);
    },
  ); // prettier-ignore

  it('gives zeros for k = 0', () => {
    const a = tensor(js, [], [2, 0], 'f32');
    const b = tensor(js, [], [0, 3], 'f32');
    expect(take(js, js.matmul(a, b, false, false), [2, 3], 'f32')).toEqual([0, 0, 0, 0, 0, 0]);
    js.release(a.handle);
    js.release(b.handle);
  });

  it('keeps NaN and infinity in their own rows and columns', () => {
    const a = tensor(js, [NaN, 1, 1, 1, 1, 1], [3, 2]);
    const b = tensor(js, [1, Infinity, 1, 1], [2, 2]);
    expect(take(js, js.matmul(a, b, false, false), [3, 2])).toEqual([NaN, NaN, 2, Infinity, 2, Infinity]);
    js.release(a.handle);
    js.release(b.handle);
  });

  it('gives a row the same bits alone as among others', () => {
    for (const transposeB of [false, true]) {
      const rows = randomTensor(js, [3, 300], 5);
      const one = { handle: js.slice(rows, [1, 0], [1, 300]), shape: [1, 300], dtype: 'f64' as const };
      const b = randomTensor(js, transposeB ? [7, 300] : [300, 7], 6);
      const together = take(js, js.matmul(rows, b, false, transposeB), [3, 7]);
      expect(take(js, js.matmul(one, b, false, transposeB), [1, 7])).toEqual(together.slice(7, 14));
      for (const x of [rows, one, b]) js.release(x.handle);
    }
  });

  it('rounds f32 once, at the end', () => {
    const x = { handle: js.fill([1, 4096], 0.1, 'f32'), shape: [1, 4096], dtype: 'f32' as const };
    const expected = Math.fround(4096 * Math.fround(0.1) ** 2);
    expect(take(js, js.matmul(x, x, false, true), [1, 1], 'f32')).toEqual([expected]);
    js.release(x.handle);
  });
});
