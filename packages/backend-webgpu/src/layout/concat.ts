import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import { storageOf } from '../memory/Handle.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import code from './concat.wgsl.js';

/** Parts that a dispatch copies: with the result, as many buffers as every device binds. */
const mostParts = 7;
/** Elements of a workgroup, whose threads do four each. */
const groupSize = 1024;

const reads = Array.from({ length: mostParts }, () => 'read' as const);
export const concatKernel: Kernel = { name: 'concat', code, bindings: [...reads, 'write'] };

/** Joins tensors; a few to a dispatch. */
export function concatOps(gpu: Gpu): Pick<Backend<Handle>, 'concat'> {
  return {
    concat(xs, axis) {
      const [head] = xs as readonly [Operand<Handle>];
      const length = xs.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
      const shape = head.shape.with(axis, length);
      const out = gpu.allocate(shape, head.dtype);
      const rows = sizeOf(shape.slice(0, axis));
      const inner = sizeOf(shape.slice(axis + 1));
      if (rows * inner === 0) return out;
      const parts = xs.filter((x) => (x.shape[axis] as number) > 0);
      let before = 0;
      for (let first = 0; first < parts.length; first += mostParts) {
        const starts = Array.from({ length: 8 }, () => 0);
        const ends = [...starts];
        const buffers: PooledBuffer[] = [];
        let columns = 0;
        for (let i = 0; i < mostParts; i++) {
          const x = parts[first + i];
          if (x !== undefined) columns += (x.shape[axis] as number) * inner;
          starts[i] = x?.handle.offset ?? 0;
          ends[i] = columns;
          buffers.push(x === undefined ? (buffers[0] as PooledBuffer) : gpu.buffer(x));
        }
        buffers.push(storageOf(out).buffer);
        const size = rows * columns;
        gpu
          .begin()
          .ints(size, columns, length * inner, before)
          .list(starts)
          .list(ends);
        gpu.runLinear(concatKernel, '', null, buffers, Math.ceil(size / groupSize));
        before += columns;
      }
      return out;
    },
  };
}
