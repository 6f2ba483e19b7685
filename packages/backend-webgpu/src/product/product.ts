import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { PooledBuffer } from '../memory/Handle.js';
import { mergeAxes } from './batchAxes.js';
import type { BatchAxis } from './batchAxes.js';
import plainCode from './plain.wgsl.js';

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
  /** Null for a matrix of ones. */
  readonly a: Matrix | null;
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

export const plainKernel: Kernel = {
  name: 'product',
  code: plainCode,
  bindings: ['read', 'read', 'read', 'write'],
};

/** Axes of a batch that one dispatch can go through. */
const mostAxes = 6;

/** Enqueues a product. The sum over k is cut in pieces, in an order that depends on sizes only; `k = 0` gives zeros. */
export function enqueueProduct(gpu: Gpu, product: Product): void {
  const { m, n, batch = [] } = product;
  const axes = mergeAxes(batch);
  if (m * n === 0 || axes.some(({ length }) => length === 0)) return;
  enqueueAxes(gpu, product, axes, product.a?.start ?? 0, product.b.start, product.out.start);
}

/** Sums of the columns of a matrix `[rows, columns]` → `[columns]`, in an order that depends on sizes only. */
export interface ColumnSums {
  readonly rows: number;
  readonly columns: number;
  readonly x: Matrix;
  /** In a buffer that x does not lie in. */
  readonly out: Matrix;
  /** True: `out + sums` takes the place of out, the sums rounded first. */
  readonly accumulate?: boolean;
}

/** Enqueues sums of columns: of no rows, zeros. */
export function enqueueColumnSums(gpu: Gpu, { rows, columns, x, out, accumulate = false }: ColumnSums): void {
  enqueueProduct(gpu, { m: 1, n: columns, k: rows, a: null, b: x, out, accumulate });
}

/** One dispatch, or where there are too many axes, one for each place along the outermost. */
function enqueueAxes(gpu: Gpu, product: Product, axes: readonly BatchAxis[], a: number, b: number, out: number): void {
  const [outer, ...inner] = axes;
  if (outer !== undefined && axes.length > mostAxes) {
    for (let i = 0; i < outer.length; i++) {
      enqueueAxes(gpu, product, inner, a + i * outer.a, b + i * outer.b, out + i * outer.out);
    }
    return;
  }
  const { m, n, k, transposeA = false, transposeB = false, bias = null, accumulate = false } = product;
  const strideA = product.a?.stride ?? (transposeA ? m : k);
  const strideB = product.b.stride ?? (transposeB ? k : n);
  const strideOut = product.out.stride ?? n;
  const items = axes.reduce((count, { length }) => count * length, 1);
  const params = gpu.begin().ints(m, n, k, items);
  params.ints(a, transposeA ? 1 : strideA, transposeA ? strideA : 1);
  params.ints(b, transposeB ? strideB : 1, transposeB ? 1 : strideB);
  params.ints(out, strideOut, 1, bias?.start ?? 0, 1, k);
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i] as BatchAxis;
    params.ints(axis.length, axis.a, axis.b, axis.out);
  }
  const { buffer } = product.b;
  const buffers = [product.a?.buffer ?? buffer, buffer, bias?.buffer ?? buffer, product.out.buffer];
  const key = `${product.a === null ? 'ones' : ''} ${bias === null ? '' : 'bias'} ${accumulate ? 'accumulate' : ''}`;
  const variant = () => ({
    constants: { ONES: product.a === null ? 1 : 0, BIAS: bias === null ? 0 : 1, ACCUMULATE: accumulate ? 1 : 0 },
  });
  gpu.runLinear(plainKernel, key, variant, buffers, Math.ceil((items * m * n) / 256));
}
