import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skinnyPlan, tilePlan } from '../../src/product/plan.js';
import { memoryOf, tiles } from '../../src/product/tiles.js';
import { checkPlan, sizesOf } from './checkPlan.js';
import { ProductBench } from './ProductBench.js';

let bench: ProductBench;
beforeAll(async () => {
  bench = await ProductBench.open();
});
afterAll(() => bench.dispose());

const flags = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

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
      await checkPlan(bench, sizes, tilePlan(sizesOf(sizes), tile, 1), `[${m}, ${k}] x [${k}, ${n}]`);
      const long = { ...sizes, k: 130 };
      await checkPlan(bench, long, tilePlan(sizesOf(long), tile, 3), `[${m}, 130] x [130, ${n}] in pieces`);
    }
    const blocks = { m: tile.rows - 1, n: tile.columns - 1, k: 2100, ...flag };
    await checkPlan(bench, blocks, tilePlan(sizesOf(blocks), tile, 1), 'a sum in blocks');
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
        await checkPlan(bench, sizes, skinnyPlan(sizesOf(sizes)), `[${m}, ${k}] x [${k}, ${n}]`);
      }
    }
  });
});
