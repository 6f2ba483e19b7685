import { sizeOf } from '@tempograd/core/backend';
import type { Backend, TypedArray } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import { fillKernel } from '../engine/fill.js';
import type { Handle } from '../memory/Handle.js';

/** Ops between the host and tensors' memory. */
export function storageOps(gpu: Gpu): Pick<Backend<Handle>, 'write' | 'fill'> {
  return {
    write: (data, shape, dtype) => gpu.write(data, shape, dtype),
    fill(shape, value, dtype) {
      const out = gpu.allocate(shape, dtype);
      const size = sizeOf(shape);
      if (size === 0) return out;
      const params = gpu.begin().ints(size);
      if (dtype === 'i32') params.ints(value);
      else params.floats(value);
      gpu.runLinear(fillKernel, '', null, [gpu.buffer({ handle: out, shape, dtype })], Math.ceil(size / 256));
      return out;
    },
  };
}

/** A tensor's elements on the host. */
export async function read(gpu: Gpu, x: Parameters<Backend<Handle>['read']>[0]): Promise<TypedArray> {
  gpu.assertUsable();
  const bytes = await gpu.read(x);
  return x.dtype === 'i32' ? new Int32Array(bytes) : new Float32Array(bytes);
}
