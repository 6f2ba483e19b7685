import { broadcastShapes, broadcastStrides, noIntegers } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Handle } from '../memory/Handle.js';
import { storageOf } from '../memory/Handle.js';
import { enqueueProduct } from './product.js';

/** Matrix products over the last two axes, leading ones broadcast. */
export function matmulOps(gpu: Gpu): Pick<Backend<Handle>, 'matmul'> {
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
      const stridesA = broadcastStrides(leadA, lead);
      const stridesB = broadcastStrides(leadB, lead);
      const strides = broadcastStrides(lead, lead);
      const out = gpu.allocate([...lead, m, n], a.dtype);
      enqueueProduct(gpu, {
        a: { buffer: gpu.buffer(a), start: a.handle.offset },
        b: { buffer: gpu.buffer(b), start: b.handle.offset },
        out: { buffer: storageOf(out).buffer, start: 0 },
        m,
        n,
        k,
        transposeA,
        transposeB,
        batch: lead.map((length, axis) => ({
          length,
          a: (stridesA[axis] as number) * m * k,
          b: (stridesB[axis] as number) * k * n,
          out: (strides[axis] as number) * m * n,
        })),
      });
      return out;
    },
  };
}
