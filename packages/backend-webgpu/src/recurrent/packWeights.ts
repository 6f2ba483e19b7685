import type { RecurrentArgs } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import { halve } from './halve.js';
import packBackwardCode from './packBackward.wgsl.js';
import packForwardCode from './packForward.wgsl.js';
import type { RecurrentStorage } from './path.js';
import type { Segment } from './segment.js';

const bindings = ['read', 'read', 'read', 'write'] as const;
export const packForwardKernel: Kernel = { name: 'recurrentPackForward', code: packForwardCode, bindings };
export const packBackwardKernel: Kernel = { name: 'recurrentPackBackward', code: packBackwardCode, bindings };

/** U as the loop over time reads it; to be released by the caller. */
export interface PackedWeights {
  readonly handle: Handle;
  /** Forward: where the biases that are added to `W x` begin, in f32 numbers; zeros where there are none. */
  readonly biases: number;
}

/** Enqueues the packing of U and biases, anew for each segment: weights change between any two. */
export function packWeights(
  gpu: Gpu,
  args: RecurrentArgs<Handle>,
  { gates, hidden, padded, isGru }: Segment,
  direction: 'forward' | 'backward',
  storage: RecurrentStorage = 'f32',
): PackedWeights {
  const isForward = direction === 'forward';
  const biases = padded * gates * hidden;
  const rest = isForward ? Math.ceil(((gates + 1) * hidden) / 4) : 0;
  const size = biases / 4 + rest;
  const handle = gpu.allocate([size, 4], 'f32');
  const weights = placeOf(args.weightHh.handle);
  const biasIh = args.biasIh === null ? weights : placeOf(args.biasIh.handle);
  const biasHh = args.biasHh === null ? weights : placeOf(args.biasHh.handle);
  const isBiased = args.biasIh !== null && args.biasHh !== null;
  gpu.begin().ints(size, hidden, weights.start, biasIh.start, biasHh.start, gates, isBiased ? 1 : 0, isGru ? 1 : 0);
  gpu.runLinear(
    isForward ? packForwardKernel : packBackwardKernel,
    '',
    null,
    [weights.buffer, biasIh.buffer, biasHh.buffer, placeOf(handle).buffer],
    Math.ceil(size / 256),
  );
  if (storage === 'f16') return { handle: halve(gpu, handle, biases / 4, rest), biases: biases / 2 };
  return { handle, biases };
}
