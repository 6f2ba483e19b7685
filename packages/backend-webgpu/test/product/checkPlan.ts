import { expect } from 'vitest';
import type { Problem } from '../../src/product/enqueuePlan.js';
import { enqueuePlan } from '../../src/product/enqueuePlan.js';
import type { Plan, Sizes } from '../../src/product/plan.js';
import { expectClose, hostProduct } from './ProductBench.js';
import type { ProductBench, Stored } from './ProductBench.js';

/** Sizes of a product, and how its operands are stored. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function stored(bench: ProductBench, sizes: Product): { a: Stored; b: Stored } {
  const { m, n, k, transposeA, transposeB } = sizes;
  const [rowsA, columnsA] = transposeA ? [k, m] : [m, k];
  const [rowsB, columnsB] = transposeB ? [n, k] : [k, n];
  return { a: bench.store(rowsA, columnsA, 1, 3, 2), b: bench.store(rowsB, columnsB, 2, 5, 1) };
}

/** Runs a plan on matrices with gaps and odd starts, and holds the result, and what lies around it, to the host's. */
export async function checkPlan(bench: ProductBench, sizes: Product, plan: Plan, title: string): Promise<void> {
  const { m, n, k, transposeA, transposeB } = sizes;
  const { a, b } = stored(bench, sizes);
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

/** What a plan for it is made for. */
export function sizesOf({ m, n, k, transposeA, transposeB }: Product): Sizes {
  return { m, n, k, batch: 1, aAlong: !transposeA, bAlong: transposeB, accumulate: false };
}
