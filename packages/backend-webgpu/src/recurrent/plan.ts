import { sizeOf } from '@tempograd/core/backend';
import type { RecurrentArgs } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import planRowsCode from './planRows.wgsl.js';
import type { Segment } from './segment.js';

export const planRowsKernel: Kernel = {
  name: 'recurrentPlanRows',
  code: planRowsCode,
  bindings: ['read', 'read', 'write'],
};

/** What says of each row and step where its input is and whether it counts, `[T, B]`. */
export interface Plan {
  readonly place: Place;
  /** What the caller is to release. */
  readonly own: readonly Handle[];
}

/** The mask; or row numbers, with a mask put in where there is one; null where every step has its input in its place. */
export function planOf(gpu: Gpu, { input, mask }: RecurrentArgs<Handle>, segment: Segment): Plan | null {
  if (!segment.isTable) return mask === null ? null : { place: placeOf(mask.handle), own: [] };
  const numbers = placeOf(input.handle);
  if (mask === null) return { place: numbers, own: [] };
  const handle = gpu.allocate(input.shape, 'i32');
  const size = sizeOf(input.shape);
  const masked = placeOf(mask.handle);
  const place = placeOf(handle);
  if (size === 0) return { place, own: [handle] };
  gpu.begin().ints(size, segment.inputSize, numbers.start, masked.start);
  gpu.runLinear(planRowsKernel, '', null, [numbers.buffer, masked.buffer, place.buffer], Math.ceil(size / 256));
  return { place, own: [handle] };
}
