import type { Gpu } from '../engine/Gpu.js';
import type { PooledBuffer } from '../memory/Handle.js';
import { mergeAxes } from './batchAxes.js';
import type { BatchAxis } from './batchAxes.js';
import { enqueueProblem } from './enqueueProblem.js';

/** A row-major matrix in a buffer. */
export interface Matrix {
  readonly buffer: PooledBuffer;
  /** Its first element's place in the buffer, in elements. */
  readonly start: number;
  /** Elements from one stored row to the next. Default: the row's length. */
  readonly stride?: number;
}

/** A product, or a batch of them: `out [m, n] = op(a) [m, k] · op(b) [k, n] (+ bias)`. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Matrix;
  readonly b: Matrix;
  /** In a buffer that no other operand lies in. */
  readonly out: Matrix;
  /** True where a is stored `[k, m]`. */
  readonly transposeA?: boolean;
  /** True where b is stored `[n, k]`. */
  readonly transposeB?: boolean;
  /** n numbers, added to every row. */
  readonly bias?: Matrix | null;
  /** True: `out + product` takes the place of out, the product (and bias) rounded first. */
  readonly accumulate?: boolean;
  /** Axes of a batch, outermost first. Default: one product. */
  readonly batch?: readonly BatchAxis[];
}

/** Enqueues a product: the sum over k in an order that depends on sizes and device only. `k = 0` gives zeros. */
export function enqueueProduct(gpu: Gpu, product: Product): void {
  const { m, n, k, transposeA = false, transposeB = false } = product;
  const axes = mergeAxes(product.batch ?? []);
  if (m * n === 0 || axes.some(({ length }) => length === 0)) return;
  const strideA = product.a.stride ?? (transposeA ? m : k);
  const strideB = product.b.stride ?? (transposeB ? k : n);
  const { buffer, start } = product.b;
  const a = { ...product.a, line: transposeA ? 1 : strideA, step: transposeA ? strideA : 1 };
  const b = { buffer, start, line: transposeB ? strideB : 1, step: transposeB ? 1 : strideB };
  const out = { ...product.out, row: product.out.stride ?? n };
  const bias = product.bias ?? null;
  enqueueProblem(gpu, { m, n, k, axes, a, b, out, bias, accumulate: product.accumulate ?? false });
}
