import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import code from './randomUniform.wgsl.js';

export const randomUniformKernel: Kernel = { name: 'randomUniform', code, bindings: ['write'] };

/** Random numbers by counter. */
export function randomOps(gpu: Gpu): Pick<Backend<Handle>, 'randomUniform'> {
  return {
    randomUniform(shape, dtype, key, offset) {
      const out = gpu.allocate(shape, dtype);
      const size = sizeOf(shape);
      if (size === 0) return out;
      const skip = offset % 2;
      const block = Math.floor(offset / 2);
      gpu.begin().ints(size, skip, key[0], key[1], block % 2 ** 32, Math.floor(block / 2 ** 32));
      const blocks = Math.ceil((size + skip) / 2);
      gpu.runLinear(randomUniformKernel, '', null, [placeOf(out).buffer], Math.ceil(blocks / 256));
      return out;
    },
  };
}
