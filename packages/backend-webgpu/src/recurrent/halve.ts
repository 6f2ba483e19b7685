import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import code from './halve.wgsl.js';

export const halveKernel: Kernel = {
  name: 'recurrentHalve',
  code,
  bindings: ['read', 'write'],
  types: [{ Half: 'f16' }],
};

/**
 * Takes the place of f32 numbers, fours of which it holds as halves, those after `fours` as they are. Finite numbers beyond
 * ±65,504 become it; infinities and NaN stay.
 */
export function halve(gpu: Gpu, x: Handle, fours: number, rest = 0): Handle {
  const size = fours + 2 * rest;
  const handle = gpu.allocate([size, 2], 'i32');
  if (size > 0) {
    gpu.begin().ints(size, fours);
    gpu.runLinear(halveKernel, '', null, [placeOf(x).buffer, placeOf(handle).buffer], Math.ceil(size / 256));
  }
  gpu.heap.release(x);
  return handle;
}
