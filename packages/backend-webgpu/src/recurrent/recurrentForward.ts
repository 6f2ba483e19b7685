import type { RecurrentArgs, RecurrentForwardResult, Result, Shape } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import { enqueueProduct } from '../product/product.js';
import finishForwardCode from './finishForward.wgsl.js';
import forwardStepCode from './forwardStep.wgsl.js';
import { packWeights } from './packWeights.js';
import type { PackedWeights } from './packWeights.js';
import { forwardTile } from './path.js';
import { planOf } from './plan.js';
import { segmentOf } from './segment.js';
import type { Segment } from './segment.js';
import startForwardCode from './startForward.wgsl.js';

export const forwardStepKernel: Kernel = {
  name: 'recurrentForwardStep',
  code: forwardStepCode,
  bindings: ['write', 'write', 'write', 'read', 'read', 'read', 'read'],
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
}

const result = (handle: Handle, shape: Shape): Result<Handle> => ({ handle, shape, dtype: 'f32' });

/**
 * `W x + b` of all steps is one product; then the loop over time. States are kept in the order of time with the initial one, so
 * that those before all steps lie together, and those after: which, without a mask, are the output.
 */
export function recurrentForward(gpu: Gpu, args: RecurrentArgs<Handle>, save: boolean): RecurrentForwardResult<Handle> {
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
  if (batch * hidden > 0) run(gpu, args, segment, { activations, states, output, carry, save });
  const keepsActivations = save && (isLstm || isGru);
  if (!keepsActivations) gpu.heap.release(activations);
  if (!save) gpu.heap.release(states);
  return {
    output: result(output, overTime),
    carry: carry.map((handle) => result(handle, [batch, hidden])),
    saved: save
      ? [result(states, stateShape), ...(keepsActivations ? [result(activations, activationShape)] : [])]
      : null,
  };
}

interface Results {
  readonly activations: Handle;
  readonly states: Handle;
  readonly output: Handle;
  readonly carry: readonly Handle[];
  readonly save: boolean;
}

function run(gpu: Gpu, args: RecurrentArgs<Handle>, segment: Segment, results: Results): void {
  const { rowGroups, padded } = segment;
  const { activations, states, save } = results;
  const packed = packWeights(gpu, args, segment, 'forward');
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
  };
  start(forward);
  inputProduct(forward);
  stepByStep(forward);
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

function stepByStep({ gpu, args, segment, packed, activations, states, turns, plan, save }: Forward): void {
  const { cell, steps, batch, hidden, gates, kept, reverse, isTable, inputSize, rowGroups } = segment;
  const tile = forwardTile(segment);
  const { buffer } = placeOf(packed.handle);
  const table = isTable ? placeOf(args.weightIh.handle) : { buffer, start: 0 };
  const variant = () => ({
    constants: {
      CELL: cell, GATES: gates, KEPT: kept,
      LANES: tile.lanes, SPLITS: tile.splits, GROUPS: tile.groups, COLUMNS: tile.columns,
    },
  }); // prettier-ignore
  const key = `${cell} ${tile.lanes} ${tile.splits} ${tile.groups}`;
  const groups = Math.ceil(hidden / tile.lanes) * Math.ceil(rowGroups / tile.groups);
  const common = [placeOf(activations).buffer, placeOf(states).buffer];
  const given = [(plan ?? table).buffer, table.buffer];
  const [even, odd] = turns;
  const even2odd = [...common, odd, buffer, even, ...given];
  const odd2even = [...common, even, buffer, odd, ...given];
  const flags = [args.mask ? 1 : 0, isTable ? 1 : 0, save ? 1 : 0];
  const last = [packed.biases, plan?.start ?? 0, table.start, inputSize, nanBits, ...flags];
  for (let step = 0; step < steps; step++) {
    gpu.begin().ints(steps, batch, hidden, reverse, step, 1).list(last);
    gpu.runLinear(forwardStepKernel, key, variant, step % 2 === 0 ? even2odd : odd2even, groups);
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
