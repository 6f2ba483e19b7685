import type { Backend } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import { enqueueColumnSums } from '../reduce/enqueueReduction.js';
import forwardCode from './layerNorm.wgsl.js';
import affineCode from './layerNormAffine.wgsl.js';
import inputCode from './layerNormInput.wgsl.js';
import { lanesOf, threads } from './rowLanes.js';

export const layerNormKernel: Kernel = {
  name: 'layerNorm',
  code: forwardCode,
  bindings: ['read', 'read', 'read', 'write', 'write', 'write'],
};
export const layerNormInputKernel: Kernel = {
  name: 'layerNormInput',
  code: inputCode,
  bindings: ['read', 'read', 'read', 'read', 'read', 'write'],
};
export const layerNormAffineKernel: Kernel = {
  name: 'layerNormAffine',
  code: affineCode,
  bindings: ['read', 'read', 'read', 'read', 'write', 'write'],
};

/** Columns of a workgroup in layerNormAffine. */
const tile = 32;
/** Rows that it adds up at least, so that parts are worth a second pass. */
const leastRows = 64;
/** Workgroups that keep a large GPU busy. */
const enoughGroups = 512;

/** Layer normalisation of rows. */
export function layerNormOps(gpu: Gpu): Pick<Backend<Handle>, 'layerNormForward' | 'layerNormBackward'> {
  /** Runs a kernel whose threads share rows, with the parameters begun last. */
  function runRows(kernel: Kernel, buffers: readonly Handle[], rows: number, length: number): void {
    const lanes = lanesOf(length);
    const bound = buffers.map((handle) => placeOf(handle).buffer);
    const variant = () => ({ constants: { LANES: lanes } });
    gpu.runLinear(kernel, `${lanes}`, variant, bound, Math.ceil(rows / (threads / lanes)));
  }

  return {
    layerNormForward(x, weight, bias, epsilon) {
      const [rows = 0, length = 0] = x.shape;
      const output = gpu.allocate(x.shape, 'f32');
      const mean = gpu.allocate([rows], 'f32');
      const rstd = gpu.allocate([rows], 'f32');
      if (rows > 0) {
        const params = gpu.begin().ints(rows, length, x.handle.offset, weight.handle.offset, bias.handle.offset);
        params.floats(epsilon);
        runRows(layerNormKernel, [x.handle, weight.handle, bias.handle, output, mean, rstd], rows, length);
      }
      return { output, mean, rstd };
    },

    layerNormBackward(x, weight, mean, rstd, cotangent) {
      const [rows = 0, length = 0] = x.shape;
      const dx = gpu.allocate(x.shape, 'f32');
      const dWeight = gpu.allocate(weight.shape, 'f32');
      const dBias = gpu.allocate(weight.shape, 'f32');
      const starts = [x.handle.offset, mean.handle.offset, rstd.handle.offset, cotangent.handle.offset] as const;
      if (rows > 0) {
        const [xStart, ...others] = starts;
        gpu.begin().ints(rows, length, xStart, weight.handle.offset, ...others);
        const operands = [x, weight, mean, rstd, cotangent].map(({ handle }) => handle);
        runRows(layerNormInputKernel, [...operands, dx], rows, length);
      }

      if (length === 0) return { x: dx, weight: dWeight, bias: dBias };
      const tiles = Math.ceil(length / tile);
      const most = Math.max(1, Math.min(Math.floor(rows / leastRows), Math.floor(enoughGroups / tiles)));
      const chunk = Math.max(1, Math.ceil(rows / most));
      const parts = Math.max(1, Math.ceil(rows / chunk));
      const partials = parts === 1 ? [] : [dWeight, dBias].map(() => gpu.allocate([parts, length], 'f32'));
      const [toWeight = dWeight, toBias = dBias] = partials;
      gpu.begin().ints(rows, length, chunk, tiles, parts, ...starts);
      const bound = [x.handle, mean.handle, rstd.handle, cotangent.handle, toWeight, toBias];
      const buffers = bound.map((handle) => placeOf(handle).buffer);
      gpu.runLinear(layerNormAffineKernel, '', null, buffers, tiles * parts);
      for (const [index, partial] of partials.entries()) {
        const out = placeOf(index === 0 ? dWeight : dBias);
        enqueueColumnSums(gpu, { rows: parts, columns: length, x: placeOf(partial), out });
        gpu.heap.release(partial);
      }
      return { x: dx, weight: dWeight, bias: dBias };
    },
  };
}
