import type { RecurrentBackwardArgs, RecurrentBackwardResult, Result, Shape } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Access, Kernel } from '../engine/Kernel.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import { enqueueProduct } from '../product/product.js';
import backwardSegmentCode from './backwardSegment.wgsl.js';
import backwardStepCode from './backwardStep.wgsl.js';
import finishBackwardCode from './finishBackward.wgsl.js';
import { launchOf, storageTypes, workgroupLimits } from './launch.js';
import type { PathKernels } from './launch.js';
import { packWeights } from './packWeights.js';
import { backwardTile } from './path.js';
import type { RecurrentChoice } from './path.js';
import { segmentOf } from './segment.js';
import type { Segment } from './segment.js';
import startBackwardCode from './startBackward.wgsl.js';
import { weightGradients } from './weightGradients.js';

const bindings: readonly Access[] = ['read', 'read', 'write', 'write', 'read', 'read', 'read', 'read'];
export const backwardKernels: PathKernels = {
  step: { name: 'recurrentBackwardStep', code: backwardStepCode, bindings, types: storageTypes },
  segment: { name: 'recurrentBackwardSegment', code: backwardSegmentCode, bindings, types: storageTypes },
};
export const startBackwardKernel: Kernel = {
  name: 'recurrentStartBackward',
  code: startBackwardCode,
  bindings: ['read', 'read', 'write', 'write'],
};
export const finishBackwardKernel: Kernel = {
  name: 'recurrentFinishBackward',
  code: finishBackwardCode,
  bindings: ['read', 'read', 'write', 'write', 'write'],
};

/** What the dispatches of a segment share. */
interface Backward {
  readonly gpu: Gpu;
  readonly args: RecurrentBackwardArgs<Handle>;
  readonly segment: Segment;
  readonly packed: PooledBuffer;
  /** δ of all steps; see `backward.wgsl`. */
  readonly deltas: PooledBuffer;
  /** The running cotangents, before and after a dispatch in turn. */
  readonly turns: readonly [PooledBuffer, PooledBuffer];
  readonly choice: RecurrentChoice;
}

const result = (handle: Handle, shape: Shape): Result<Handle> => ({ handle, shape, dtype: 'f32' });

/** The loop over time finds δ of every step; then the input's gradient is one product over all steps, and so is each weight's. */
export function recurrentBackward(
  gpu: Gpu,
  args: RecurrentBackwardArgs<Handle>,
  choice: RecurrentChoice,
): RecurrentBackwardResult<Handle> {
  const segment = segmentOf(args);
  const { steps, batch, inputSize, hidden, gates, isGru } = segment;
  const { wants } = args;
  const rows = steps * batch;
  const planes = gates + (isGru ? 1 : 0) + (wants.delta ? 1 : 0);
  const deltas = gpu.allocate([planes, rows, hidden], 'f32');
  const carry = wants.carry ? args.carry.map(() => gpu.allocate([batch, hidden], 'f32')) : null;
  const delta = wants.delta ? gpu.allocate([steps, batch, hidden], 'f32') : null;
  if (batch * hidden > 0) run(gpu, args, segment, choice, { deltas: placeOf(deltas).buffer, carry, delta });

  const input = wants.input ? gpu.allocate([steps, batch, inputSize], 'f32') : null;
  if (input !== null) {
    enqueueProduct(gpu, {
      m: rows,
      n: inputSize,
      k: gates * hidden,
      a: placeOf(deltas),
      b: placeOf(args.weightIh.handle),
      out: placeOf(input),
    });
  }
  const weights = wants.weights ? weightGradients(gpu, args, segment, deltas) : noWeights;
  gpu.heap.release(deltas);
  return {
    input: input && result(input, [steps, batch, inputSize]),
    carry: carry && carry.map((handle) => result(handle, [batch, hidden])),
    ...weights,
    delta: delta && result(delta, [steps, batch, hidden]),
  };
}

interface Results {
  readonly deltas: PooledBuffer;
  readonly carry: readonly Handle[] | null;
  readonly delta: Handle | null;
}

const noWeights = { weightIh: null, weightHh: null, biasIh: null, biasHh: null };

function run(
  gpu: Gpu,
  args: RecurrentBackwardArgs<Handle>,
  segment: Segment,
  choice: RecurrentChoice,
  { deltas, carry, delta }: Results,
): void {
  const { rowGroups, gates, padded } = segment;
  const packed = packWeights(gpu, args, segment, 'backward', choice.storage);
  const turns = [0, 1].map(() => gpu.allocate([rowGroups, gates + 2, padded, 4], 'f32')) as [Handle, Handle];
  const [first, second] = turns.map((handle) => placeOf(handle).buffer) as [PooledBuffer, PooledBuffer];
  const backward: Backward = {
    gpu,
    args,
    segment,
    packed: placeOf(packed.handle).buffer,
    deltas,
    turns: [first, second],
    choice,
  };
  start(backward);
  const last = loop(backward);
  if (carry !== null || delta !== null) finish(backward, last, carry, delta);
  for (const handle of [packed.handle, ...turns]) gpu.heap.release(handle);
}

function start({ gpu, args, segment, turns, packed }: Backward): void {
  const { rowGroups, gates, padded, batch, hidden } = segment;
  const [ofH, ofC] = args.carryCotangents.map((x) => x && placeOf(x.handle)) as [Place | null, (Place | null)?];
  const none = { buffer: packed, start: 0 };
  const size = rowGroups * (gates + 2) * padded * 4;
  gpu.begin().ints(size, batch, hidden, ofH?.start ?? 0, ofC?.start ?? 0, gates, ofH ? 1 : 0, ofC ? 1 : 0);
  const buffers = [(ofH ?? none).buffer, (ofC ?? none).buffer, ...turns];
  gpu.runLinear(startBackwardKernel, '', null, buffers, Math.ceil(size / 256));
}

/** The dispatches of the loop over time; returns the buffer where the initial carry's cotangents are, if they are wanted. */
function loop({ gpu, args, segment, packed, deltas, turns, choice }: Backward): PooledBuffer {
  const { steps, batch, hidden, reverse } = segment;
  const { saved, mask, outputCotangent, wants } = args;
  const tile = backwardTile(segment, workgroupLimits(gpu), choice);
  const { kernel, key, variant, groups, stretch } = launchOf(backwardKernels, segment, tile, choice);
  const [states, activations = states] = saved.map(({ handle }) => placeOf(handle)) as [Place, Place?];
  const cotangent = outputCotangent && placeOf(outputCotangent.handle);
  const masked = mask && placeOf(mask.handle);
  const flags = [cotangent ? 1 : 0, masked ? 1 : 0, wants.delta ? 1 : 0];
  const starts = [cotangent?.start ?? 0, masked?.start ?? 0, ...flags];
  let [from, to] = turns;
  const enqueue = (step: number, count: number, linked: 0 | 1): void => {
    gpu.begin().ints(steps, batch, hidden, reverse, step, count, linked).list(starts);
    const given = [packed, from, cotangent?.buffer ?? packed, masked?.buffer ?? packed];
    gpu.runLinear(kernel, key, variant, [activations.buffer, states.buffer, deltas, to, ...given], groups);
    [from, to] = [to, from];
  };
  for (let step = steps - 1; step >= 0; step -= stretch) {
    enqueue(step, Math.min(stretch, step + 1), step === steps - 1 ? 0 : 1);
  }
  // Where a step is a dispatch, one more adds up what reaches the initial state.
  if (wants.carry && tile.path === 'step') enqueue(0, 0, 1);
  return from;
}

function finish(
  { gpu, segment, deltas, turns, packed }: Backward,
  last: PooledBuffer,
  carry: readonly Handle[] | null,
  delta: Handle | null,
): void {
  const { steps, batch, hidden, gates, isLstm, isGru } = segment;
  const rows = delta === null ? batch : steps * batch;
  const size = rows * hidden;
  const params = gpu.begin().ints(size, batch, hidden, steps * batch * (gates + (isGru ? 1 : 0)) * hidden);
  params.ints(gates, isLstm ? 1 : 0, carry ? 1 : 0, delta ? 1 : 0);
  const other = turns.find((buffer) => buffer !== last) as PooledBuffer;
  const [h, c] = (carry ?? []).map((handle) => placeOf(handle).buffer) as [PooledBuffer?, PooledBuffer?];
  // What is not wanted is bound to something that nobody needs any more.
  const buffers = [last, deltas, h ?? other, c ?? (h ? other : packed), delta ? placeOf(delta).buffer : packed];
  gpu.runLinear(finishBackwardKernel, '', null, buffers, Math.ceil(size / 256));
}
