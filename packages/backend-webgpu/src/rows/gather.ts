import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import { storageOf } from '../memory/Handle.js';
import type { Handle } from '../memory/Handle.js';
import code from './gather.wgsl.js';

/** `V` is open: how many elements a thread copies. */
export const gatherKernel: Kernel = {
  name: 'gather',
  code,
  bindings: ['read', 'read', 'write'],
  types: [{ V: 'u32' }, { V: 'vec4u' }],
};

const single = { types: { V: 'u32' } };
const fourfold = { types: { V: 'vec4u' } };
const nanBits = 0x7fc00000;

/** Rows by number. */
export function gatherOps(gpu: Gpu): Pick<Backend<Handle>, 'gather'> {
  return {
    gather(x, indices) {
      const [rows = 0, ...rest] = x.shape;
      const length = sizeOf(rest);
      const out = gpu.allocate([...indices.shape, ...rest], x.dtype);
      const size = sizeOf(indices.shape) * length;
      if (size === 0) return out;
      const start = x.handle.offset;
      const wide = length % 4 === 0 && start % 4 === 0;
      const by = wide ? 4 : 1;
      gpu
        .begin()
        .ints(size / by, length / by, rows, start / by, indices.handle.offset, x.dtype === 'i32' ? 0 : nanBits);
      gpu.runLinear(
        gatherKernel,
        wide ? 'by 4' : '',
        () => (wide ? fourfold : single),
        [gpu.buffer(x), gpu.buffer(indices), storageOf(out).buffer],
        Math.ceil(size / by / 256),
      );
      return out;
    },
  };
}
