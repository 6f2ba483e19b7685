import { broadcastShapes, broadcastStrides, noIntegers, sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';
import { layOut } from './layout.js';

/** One product as the kernel takes it: `C [m, n] = op(A) op(B) + bias`. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly bias?: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly batch?: number;
  /** Elements from one product's operand to the next one's. */
  readonly strides?: readonly [number, number, number];
}

/** About how long a multiply-add takes, in nanoseconds. */
const cost = 0.05;

/** Runs one product, or a batch of them with even strides. */
function runProduct(engine: Engine, product: Product): void {
  const {
    m,
    n,
    k,
    a,
    b,
    c,
    bias = 0,
    transposeA = false,
    transposeB = false,
    batch = 1,
    strides = [0, 0, 0],
  } = product;
  const flags = (transposeA ? 1 : 0) + (transposeB ? 2 : 0);
  engine.setWords(m, n, k, a, transposeA ? m : k, b, transposeB ? k : n, c, n, bias, flags, batch, ...strides);
  engine.runWithScratch('product', engine.partsFor(batch * m * n * k * cost));
}

/** Matrix products, and the linear layer made of them. */
export function productOps(engine: Engine): Pick<Backend<Handle>, 'matmul' | 'linearForward' | 'linearBackward'> {
  const { heap } = engine;

  return {
    matmul(a, b, transposeA, transposeB) {
      if (a.dtype === 'i32') throw noIntegers('matmul');
      const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
      const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
      const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
      const n = transposeB ? rowsB : columnsB;
      const leadA = a.shape.slice(0, -2);
      const leadB = b.shape.slice(0, -2);
      const lead = broadcastShapes(leadA, leadB, 'matmul');
      const out = heap.allocate([...lead, m, n], a.dtype);
      if (sizeOf(lead) * m * n === 0) return out;
      const { inner, innerStrides, rank, axes } = layOut(lead, [
        broadcastStrides(leadA, lead),
        broadcastStrides(leadB, lead),
      ]);
      const [strideA = 0, strideB = 0] = innerStrides.map((bytes) => bytes / 4);
      const strides = [strideA * m * k, strideB * k * n, m * n] as const;
      const runs = sizeOf(lead) / inner;
      for (let run = 0; run < runs; run++) {
        const [offsetA, offsetB] = offsetsOf(run, rank, axes);
        runProduct(engine, {
          m,
          n,
          k,
          a: engine.pointer(a) + offsetA * m * k,
          b: engine.pointer(b) + offsetB * k * n,
          c: out.pointer + run * inner * m * n * 4,
          transposeA,
          transposeB,
          batch: inner,
          strides,
        });
      }
      return out;
    },

    linearForward(x, weight, bias) {
      const [n = 0, k = 0] = weight.shape;
      const m = sizeOf(x.shape.slice(0, -1));
      const out = heap.allocate([m, n], x.dtype);
      const pointers = {
        a: engine.pointer(x),
        b: engine.pointer(weight),
        bias: bias === null ? 0 : engine.pointer(bias),
      };
      runProduct(engine, { m, n, k, ...pointers, c: out.pointer, transposeB: true });
      return out;
    },

    linearBackward(x, weight, cotangent, wants) {
      const [outputs = 0, inputs = 0] = weight.shape;
      const rows = sizeOf(x.shape.slice(0, -1));
      const g = engine.pointer(cotangent);
      const dx = wants.x ? heap.allocate(x.shape, x.dtype) : null;
      if (dx !== null) {
        runProduct(engine, { m: rows, n: inputs, k: outputs, a: g, b: engine.pointer(weight), c: dx.pointer });
      }
      const dWeight = wants.weight ? heap.allocate(weight.shape, x.dtype) : null;
      if (dWeight !== null) {
        const product = { m: outputs, n: inputs, k: rows, a: g, b: engine.pointer(x), c: dWeight.pointer };
        runProduct(engine, { ...product, transposeA: true });
      }
      const dBias = wants.bias ? heap.allocate([outputs], x.dtype) : null;
      if (dBias !== null) {
        engine.setWords(g, dBias.pointer, 1, rows, outputs);
        engine.run('sumColumnsF32', { parts: engine.partsFor(rows * outputs * 0.3) });
      }
      return { x: dx, weight: dWeight, bias: dBias };
    },
  };
}

/** Byte offsets of run number `run` in two operands whose elements are whole matrices. */
function offsetsOf(run: number, rank: number, axes: readonly number[]): [number, number] {
  let a = 0;
  let b = 0;
  for (let axis = 0; axis < rank; axis++) {
    const [length = 1, strideA = 0, strideB = 0] = axes.slice(axis * 3, axis * 3 + 3);
    const index = run % length;
    a += index * strideA;
    b += index * strideB;
    run = (run - index) / length;
  }
  return [a, b];
}
