import { expect } from 'vitest';
import { makeBackend } from '../../src/createBackend.js';
import type { Internals } from '../../src/createBackend.js';
import { engineOf } from '../../src/engine/engineOf.js';
import type { Gpu } from '../../src/engine/Gpu.js';
import { storageOf } from '../../src/memory/Handle.js';
import type { PooledBuffer } from '../../src/memory/Handle.js';
import type { Matrix } from '../../src/product/product.js';

/** Numbers in −1 … 1 that look like any others, the same each time. */
export function numbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed * 2_654_435_761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A matrix on the device and on the host, stored as `[rows, columns]` with NaN before, between and after its rows. */
export interface Stored extends Matrix {
  readonly stride: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** A device for tests of products. */
export class ProductBench {
  readonly gpu: Gpu;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
  }

  static async open(internals: Internals = {}): Promise<ProductBench> {
    return new ProductBench(engineOf(await makeBackend({ poison: true }, internals)));
  }

  /** Stores `rows` of `columns` numbers, `gap` elements of NaN between rows and `start` before the first. */
  store(rows: number, columns: number, seed: number, start = 0, gap = 0): Stored {
    const stride = columns + gap;
    const data = new Float32Array(start + rows * stride + 5).fill(Number.NaN);
    const values = numbers(rows * columns, seed);
    for (let row = 0; row < rows; row++)
      data.set(values.subarray(row * columns, (row + 1) * columns), start + row * stride);
    return { buffer: this.upload(data), start, stride, data };
  }

  upload(data: Float32Array<ArrayBuffer>): PooledBuffer {
    return storageOf(this.gpu.write(data, [data.length], 'f32')).buffer;
  }

  async download(buffer: PooledBuffer, count: number): Promise<Float32Array> {
    const storage = { buffer, bytes: count * 4, shape: [count], dtype: 'f32' as const, references: 1 };
    const handle = { storage, offset: 0 };
    return new Float32Array(await this.gpu.read({ handle, shape: [count], dtype: 'f32' }));
  }

  dispose(): void {
    this.gpu.dispose();
  }
}

/** Element (i, j) of op(x). */
function element(x: Stored, transposed: boolean, i: number, j: number): number {
  return x.data[x.start + (transposed ? j * x.stride + i : i * x.stride + j)] as number;
}

/** op(a) · op(b), each element summed in f64. */
export function hostProduct(
  a: Stored,
  b: Stored,
  sizes: {
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly transposeA?: boolean;
    readonly transposeB?: boolean;
  },
): Float64Array {
  const { m, n, k, transposeA = false, transposeB = false } = sizes;
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += element(a, transposeA, i, p) * element(b, transposeB, p, j);
      out[i * n + j] = sum;
    }
  }
  return out;
}

/** Every element within `bound` of what is wanted, relative to the largest wanted. */
export function expectClose(found: Float32Array, wanted: Float64Array, bound: number, title: string): void {
  expect(found.length, title).toBe(wanted.length);
  let largest = 0.01;
  for (const value of wanted) largest = Math.max(largest, Math.abs(value));
  let worst = 0;
  let at = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = Math.abs((found[i] as number) - (wanted[i] as number)) / largest;
    if (!(error <= worst)) {
      worst = error;
      at = i;
      if (Number.isNaN(error)) break;
    }
  }
  expect(worst, `${title}: element ${at} is ${found[at]}, not ${wanted[at]}`).toBeLessThanOrEqual(bound);
}
