import { sizeOf } from '@tempograd/core/backend';
import type { RecurrentArgs, RecurrentForwardResult, Result, Shape } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Access, Kernel } from '../engine/Kernel.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import { enqueueProduct } from '../product/product.js';
import finishForwardCode from './finishForward.wgsl.js';
import forwardSegmentCode from './forwardSegment.wgsl.js';
import forwardStepCode from './forwardStep.wgsl.js';
import { halve } from './halve.js';
import { launchOf, storageTypes, workgroupLimits } from './launch.js';
import type { PathKernels } from './launch.js';
import { packWeights } from './packWeights.js';
import type { PackedWeights } from './packWeights.js';
import { forwardTile } from './path.js';
import type { RecurrentChoice } from './path.js';
import { planOf } from './plan.js';
import { segmentOf } from './segment.js';
import type { Segment } from './segment.js';
import startForwardCode from './startForward.wgsl.js';

const bindings: readonly Access[] = ['write', 'write', 'write', 'read', 'read', 'read', 'read'];
export const forwardKernels: PathKernels = {
  step: { name: 'recurrentForwardStep', code: forwardStepCode, bindings, types: storageTypes },
  segment: { name: 'recurrentForwardSegment', code: forwardSegmentCode, bindings, types: storageTypes },
};
export const startForwardKernel: Kernel = {
  name: 'recurrentStartForward',
  code: startForwardCode,
  bindings: ['read', 'read', 'write', 'write', 'write', 'write'],
};
export const finishForwardKernel: Kernel = {
  name: 'recurrentFinishForward',
  code: finishForwardCode,
  bindings: ['read', 'read', 'read', 'write', 'write', 'write'],
};

/** What the dispatches of a segment share. */
interface Forward {
  readonly gpu: Gpu;
  readonly args: RecurrentArgs<Handle>;
  readonly segment: Segment;
  readonly packed: PackedWeights;
  /** `[T + 1, B, kept·H]`. */
  readonly activations: Handle;
  /** `[T + 1, B, H]`. */
  readonly states: Handle;
  /** The running state, before and after a dispatch in turn. */
  readonly turns: readonly [PooledBuffer, PooledBuffer];
  /** The mask, or numbers of rows, or neither. */
  readonly plan: Place | null;
  readonly save: boolean;
  readonly choice: RecurrentChoice;
}

const result = (handle: Handle, shape: Shape): Result<Handle> => ({ handle, shape, dtype: 'f32' });

/**
 * `W x + b` of all steps is one product; then the loop over time. States are kept in the order of time with the initial one, so
 * that those before all steps lie together, and those after: which, without a mask, are the output.
 */
export function recurrentForward(
  gpu: Gpu,
  args: RecurrentArgs<Handle>,
  save: boolean,
  choice: RecurrentChoice,
): RecurrentForwardResult<Handle> {
  const segment = segmentOf(args);
  const { steps, batch, hidden, kept, reverse, isLstm, isGru } = segment;
  const overTime = [steps, batch, hidden];
  const activationShape = [steps + 1, batch, kept * hidden];
  const stateShape = [steps + 1, batch, hidden];
  const activations = gpu.allocate(activationShape, 'f32');
  const states = gpu.allocate(stateShape, 'f32');
  const output =
    args.mask === null ? gpu.heap.view(states, (1 - reverse) * batch * hidden) : gpu.allocate(overTime, 'f32');
  const carry = args.carry.map(() => gpu.allocate([batch, hidden], 'f32'));
  if (batch * hidden > 0) run(gpu, args, segment, { activations, states, output, carry, save }, choice);
  const forBack = save && (isLstm || isGru) ? keptOf(gpu, result(activations, activationShape), choice) : null;
  if (forBack === null) gpu.heap.release(activations);
  if (!save) gpu.heap.release(states);
  return {
    output: result(output, overTime),
    carry: carry.map((handle) => result(handle, [batch, hidden])),
    saved: save ? [result(states, stateShape), ...(forBack === null ? [] : [forBack])] : null,
  };
}

/** What of the activations goes to the way back: they themselves, or their halves in their place. */
function keptOf(gpu: Gpu, activations: Result<Handle>, { storage }: RecurrentChoice): Result<Handle> {
  if (storage !== 'f16') return activations;
  const fours = Math.ceil(sizeOf(activations.shape) / 4);
  return { handle: halve(gpu, activations.handle, fours), shape: [fours, 2], dtype: 'i32' };
}

interface Results {
  readonly activations: Handle;
  readonly states: Handle;
  readonly output: Handle;
  readonly carry: readonly Handle[];
  readonly save: boolean;
}

function run(gpu: Gpu, args: RecurrentArgs<Handle>, segment: Segment, results: Results, choice: RecurrentChoice): void {
  const { rowGroups, padded } = segment;
  const { activations, states, save } = results;
  const packed = packWeights(gpu, args, segment, 'forward', choice.storage);
  const plan = planOf(gpu, args, segment);
  const turns = [0, 1].map(() => gpu.allocate([rowGroups, padded, 4], 'f32')) as [Handle, Handle];
  const [first, second] = turns;
  const forward: Forward = {
    gpu,
    args,
    segment,
    packed,
    activations,
    states,
    turns: [placeOf(first).buffer, placeOf(second).buffer],
    plan: plan === null ? null : plan.place,
    save,
    choice,
  };
  start(forward);
  inputProduct(forward);
  loop(forward);
  finish(forward, results);
  for (const handle of [packed.handle, ...turns, ...(plan?.own ?? [])]) gpu.heap.release(handle);
}

function start({ gpu, args, segment, turns, states, activations }: Forward): void {
  const { batch, hidden, padded, rowGroups, steps, reverse, kept, isLstm } = segment;
  const [h0, c0] = args.carry.map(({ handle }) => placeOf(handle)) as [Place, Place?];
  const size = rowGroups * padded * 4;
  gpu.begin().ints(size, batch, hidden, reverse * steps * batch, h0.start, c0?.start ?? 0, kept, isLstm ? 1 : 0);
  const buffers = [h0.buffer, (c0 ?? h0).buffer, ...turns, placeOf(states).buffer, placeOf(activations).buffer];
  gpu.runLinear(startForwardKernel, '', null, buffers, Math.ceil(size / 256));
}

/** `W x + b` of all steps, to where each step's gates will be. */
function inputProduct({ gpu, args, segment, packed, activations }: Forward): void {
  const { steps, batch, inputSize, gates, hidden, kept, reverse, isTable } = segment;
  if (isTable) return;
  const stride = kept * hidden;
  const { buffer } = placeOf(activations);
  enqueueProduct(gpu, {
    m: steps * batch,
    n: gates * hidden,
    k: inputSize,
    a: placeOf(args.input.handle),
    b: placeOf(args.weightIh.handle),
    transposeB: true,
    bias: { buffer: placeOf(packed.handle).buffer, start: packed.biases },
    out: { buffer, start: (1 - reverse) * batch * stride, stride },
  });
}

/** The dispatches of the loop over time, each of which hands the state on to the next. */
function loop({ gpu, args, segment, packed, activations, states, turns, plan, save, choice }: Forward): void {
  const { steps, batch, hidden, reverse, isTable, inputSize } = segment;
  const launch = launchOf(forwardKernels, segment, forwardTile(segment, workgroupLimits(gpu), choice), choice);
  const { kernel, key, variant, groups, stretch } = launch;
  const { buffer } = placeOf(packed.handle);
  const table = isTable ? placeOf(args.weightIh.handle) : { buffer, start: 0 };
  const around = (from: PooledBuffer, to: PooledBuffer): PooledBuffer[] => [
    placeOf(activations).buffer,
    placeOf(states).buffer,
    to,
    buffer,
    from,
    (plan ?? table).buffer,
    table.buffer,
  ];
  const [even, odd] = turns;
  const buffers = [around(even, odd), around(odd, even)] as const;
  const flags = [args.mask ? 1 : 0, isTable ? 1 : 0, save ? 1 : 0];
  const last = [packed.biases, plan?.start ?? 0, table.start, inputSize, nanBits, ...flags];
  for (let step = 0, turn: 0 | 1 = 0; step < steps; step += stretch, turn = turn === 0 ? 1 : 0) {
    gpu
      .begin()
      .ints(steps, batch, hidden, reverse, step, Math.min(stretch, steps - step))
      .list(last);
    gpu.runLinear(kernel, key, variant, buffers[turn], groups);
  }
}

/** Bits of a quiet NaN. */
const nanBits = 0x7fc00000;

function finish({ gpu, args, segment, activations, states, turns, plan }: Forward, { output, carry }: Results): void {
  const { steps, batch, hidden, kept, reverse, isLstm, isTable } = segment;
  const isMasked = args.mask !== null;
  const rows = isMasked ? steps * batch : batch;
  const before = (1 - reverse) * batch;
  const params = gpu.begin().ints(rows, batch, hidden, before, before * steps, plan?.start ?? 0);
  params.ints(kept, isLstm ? 1 : 0, isMasked ? 1 : 0, isTable ? 1 : 0);
  const [spare, other] = turns;
  const [h, c] = carry.map((handle) => placeOf(handle).buffer) as [PooledBuffer, PooledBuffer?];
  const from = placeOf(states).buffer;
  const buffers = [
    from,
    placeOf(activations).buffer,
    plan?.buffer ?? from,
    isMasked ? placeOf(output).buffer : spare,
    h,
    c ?? other,
  ];
  gpu.runLinear(finishForwardKernel, '', null, buffers, Math.ceil((rows * hidden) / 256));
}
