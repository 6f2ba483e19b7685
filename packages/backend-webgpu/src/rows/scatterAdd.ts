import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import { placeOf } from '../memory/Place.js';
import type { Handle } from '../memory/Handle.js';
import { enqueueScatterAdd } from './enqueueScatterAdd.js';

/** The transpose of `gather`. */
export function scatterAddOps(gpu: Gpu): Pick<Backend<Handle>, 'scatterAdd'> {
  return {
    scatterAdd(indices, updates, rows) {
      const rest = updates.shape.slice(indices.shape.length);
      const out = gpu.allocate([rows, ...rest], updates.dtype);
      const form = { rows, count: sizeOf(indices.shape), width: sizeOf(rest) };
      const dtype = updates.dtype === 'i32' ? 'i32' : 'f32';
      enqueueScatterAdd(gpu, placeOf(indices.handle), placeOf(updates.handle), form, placeOf(out), dtype);
      return out;
    },
  };
}
