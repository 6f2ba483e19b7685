import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../src/product/enqueuePlan.js';
import { enqueuePlan } from '../../src/product/enqueuePlan.js';
import { skinnyPlan, tilePlan } from '../../src/product/plan.js';
import type { Plan, Sizes } from '../../src/product/plan.js';
import { memoryOf, tiles } from '../../src/product/tiles.js';
import { expectClose, hostProduct, ProductBench } from './ProductBench.js';
import type { Stored } from './ProductBench.js';

let bench: ProductBench;
beforeAll(async () => {
  bench = await ProductBench.open();
});
afterAll(() => bench.dispose());

interface Case {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const flags = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

function stored(sizes: Case): { a: Stored; b: Stored } {
  const { m, n, k, transposeA, transposeB } = sizes;
  const [rowsA, columnsA] = transposeA ? [k, m] : [m, k];
  const [rowsB, columnsB] = transposeB ? [n, k] : [k, n];
  return { a: bench.store(rowsA, columnsA, 1, 3, 2), b: bench.store(rowsB, columnsB, 2, 5, 1) };
}

/** Runs a plan on matrices with gaps and odd starts, and holds the result, and what lies around it, to the host's. */
async function check(sizes: Case, plan: Plan, title: string): Promise<void> {
  const { m, n, k, transposeA, transposeB } = sizes;
  const { a, b } = stored(sizes);
  const row = n + 1;
  const size = 1 + m * row + 3;
  const out = bench.upload(new Float32Array(size).fill(7));
  const problem: Problem = {
    m,
    n,
    k,
    axes: [],
    a: { ...a, line: transposeA ? 1 : a.stride, step: transposeA ? a.stride : 1 },
    b: { ...b, line: transposeB ? b.stride : 1, step: transposeB ? 1 : b.stride },
    out: { buffer: out, start: 1, row },
    bias: null,
    accumulate: false,
  };
  enqueuePlan(bench.gpu, problem, 1, plan);
  const all = await bench.download(out, size);
  const found = new Float32Array(m * n);
  for (let i = 0; i < m; i++) found.set(all.subarray(1 + i * row, 1 + i * row + n), i * n);
  expectClose(found, hostProduct(a, b, sizes), 2e-6, title);
  for (let i = 0; i < m; i++) expect(all[1 + i * row + n], `${title}: after row ${i}`).toBe(7);
  expect([all[0], ...all.subarray(size - 3)], `${title}: around`).toEqual([7, 7, 7, 7]);
}

function sizesOf({ m, n, k, transposeA, transposeB }: Case): Sizes {
  return { m, n, k, batch: 1, aAlong: !transposeA, bAlong: transposeB, accumulate: false };
}

const around = (length: number): number[] => [1, 3, length - 1, length, length + 1, 2 * length + 3];

describe.each(tiles)('tile $name', (tile) => {
  test.each(flags)('transposed: $transposeA, $transposeB', async (flag) => {
    expect(memoryOf(tile)).toBeGreaterThan(0);
    if (memoryOf(tile) > bench.gpu.device.limits.maxComputeWorkgroupStorageSize) return;
    const rows = around(tile.rows);
    const columns = around(tile.columns);
    for (let i = 0; i < rows.length; i++) {
      // Each number of rows with another number of columns, and each with each length of k in some flag's turn.
      const m = rows[i] as number;
      const n = columns[(i * 5 + 2) % columns.length] as number;
      const k = [1, 7, tile.depth - 1, tile.depth, tile.depth + 1, 3 * tile.depth + 2][(i + 3) % 6] as number;
      const sizes = { m, n, k, ...flag };
      await check(sizes, tilePlan(sizesOf(sizes), tile, 1), `[${m}, ${k}] x [${k}, ${n}]`);
      const long = { ...sizes, k: 130 };
      await check(long, tilePlan(sizesOf(long), tile, 3), `[${m}, 130] x [130, ${n}] in pieces`);
    }
    const blocks = { m: tile.rows - 1, n: tile.columns - 1, k: 2100, ...flag };
    await check(blocks, tilePlan(sizesOf(blocks), tile, 1), 'a sum in blocks');
  });
});

describe('few rows or columns', () => {
  test.each(flags)('transposed: $transposeA, $transposeB', async (flag) => {
    for (const [m, n] of [
      [1, 1],
      [1, 33],
      [2, 7],
      [3, 65],
      [4, 31],
      [5, 9],
      [8, 64],
      [37, 1],
      [40, 2],
      [9, 8],
    ] as const) {
      for (const k of [1, 2, 31, 33, 128, 1500, 5000]) {
        const sizes = { m, n, k, ...flag };
        await check(sizes, skinnyPlan(sizesOf(sizes)), `[${m}, ${k}] x [${k}, ${n}]`);
      }
    }
  });
});
