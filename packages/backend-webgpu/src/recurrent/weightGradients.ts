import { sizeOf } from '@tempograd/core/backend';
import type { RecurrentBackwardArgs, RecurrentWeights, Result } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { placeOf } from '../memory/Place.js';
import type { Place } from '../memory/Place.js';
import { enqueueProduct } from '../product/product.js';
import type { Matrix } from '../product/product.js';
import { enqueueColumnSums } from '../reduce/enqueueReduction.js';
import { enqueueScatterAdd } from '../rows/enqueueScatterAdd.js';
import clearRowsCode from './clearRows.wgsl.js';
import { planOf } from './plan.js';
import type { Segment, X } from './segment.js';

export const clearRowsKernel: Kernel = {
  name: 'recurrentClearRows',
  code: clearRowsCode,
  bindings: ['read', 'read', 'write'],
};

/** Where a gradient goes: to a new tensor, or to one so far, to be added there. */
interface Destination {
  readonly at: Place;
  readonly accumulate: boolean;
  readonly result: Result<Handle> | null;
}

/** Enqueues the gradients of weights and biases: sums over all steps of products with δ. */
export function weightGradients(
  gpu: Gpu,
  args: RecurrentBackwardArgs<Handle>,
  segment: Segment,
  deltas: Handle,
): RecurrentWeights<Result<Handle> | null> {
  const { steps, batch, hidden, gates, isGru } = segment;
  const rows = steps * batch;
  const width = gates * hidden;
  const destination = (name: keyof RecurrentWeights<X>): Destination | null => {
    const weight = args[name];
    const into = args.into?.[name];
    if (weight === null) return null;
    if (into) return { at: ownPlace(gpu, into), accumulate: true, result: null };
    const handle = gpu.allocate(weight.shape, 'f32');
    return { at: placeOf(handle), accumulate: false, result: { handle, shape: weight.shape, dtype: 'f32' } };
  };
  const weightIh = destination('weightIh') as Destination;
  const weightHh = destination('weightHh') as Destination;
  const biasIh = destination('biasIh');
  const biasHh = destination('biasHh');

  if (segment.isTable) tableGradient(gpu, args, segment, deltas, weightIh);
  else inputWeightGradient(gpu, args, segment, deltas, weightIh);

  // The states before all steps lie together, in the order of time.
  const before = placeOf((args.saved[0] as X).handle);
  const { buffer, start } = placeOf(deltas);
  // δ of the product with U differs from that with W in the last gate of gru, where it lies by itself.
  const joined = isGru ? width - hidden : width;
  const last = { buffer, start: start + rows * width };
  const b = { buffer: before.buffer, start: before.start + segment.reverse * batch * hidden };
  const productWithStates = (a: Matrix, m: number, first: number): void =>
    enqueueProduct(gpu, {
      m,
      n: hidden,
      k: rows,
      a,
      b,
      transposeA: true,
      out: { buffer: weightHh.at.buffer, start: weightHh.at.start + first * hidden },
      accumulate: weightHh.accumulate,
    });
  productWithStates({ buffer, start, stride: width }, joined, 0);
  if (isGru) productWithStates(last, hidden, joined);
  if (biasIh !== null) {
    const { at: out, accumulate } = biasIh;
    enqueueColumnSums(gpu, { rows, columns: width, x: { buffer, start }, out, accumulate });
  }
  if (biasHh !== null) {
    const { at: out, accumulate } = biasHh;
    enqueueColumnSums(gpu, { rows, columns: joined, x: { buffer, start, stride: width }, out, accumulate });
    if (isGru) {
      const rest = { buffer: out.buffer, start: out.start + joined };
      enqueueColumnSums(gpu, { rows, columns: hidden, x: last, out: rest, accumulate });
    }
  }
  return {
    weightIh: weightIh.result,
    weightHh: weightHh.result,
    biasIh: biasIh?.result ?? null,
    biasHh: biasHh?.result ?? null,
  };
}

/** `δᵀ x`, over the steps that count: what lies at the others, NaN included, is not looked at. */
function inputWeightGradient(
  gpu: Gpu,
  { input, mask }: RecurrentBackwardArgs<Handle>,
  { steps, batch, inputSize, hidden, gates }: Segment,
  deltas: Handle,
  { at: out, accumulate }: Destination,
): void {
  const cleared = mask === null ? null : clearRows(gpu, input, mask, inputSize);
  enqueueProduct(gpu, {
    m: gates * hidden,
    n: inputSize,
    k: steps * batch,
    a: placeOf(deltas),
    b: placeOf(cleared ?? input.handle),
    transposeA: true,
    out,
    accumulate,
  });
  if (cleared !== null) gpu.heap.release(cleared);
}

/** δ of every step added to the row of the table that the step has read. */
function tableGradient(
  gpu: Gpu,
  args: RecurrentBackwardArgs<Handle>,
  segment: Segment,
  deltas: Handle,
  { at, accumulate }: Destination,
): void {
  const { steps, batch, inputSize, hidden, gates } = segment;
  const width = gates * hidden;
  const numbers = planOf(gpu, args, segment);
  if (numbers === null) return;
  const own = accumulate ? gpu.allocate([inputSize, width], 'f32') : null;
  const out = own === null ? at : placeOf(own);
  enqueueScatterAdd(gpu, numbers.place, placeOf(deltas), { rows: inputSize, count: steps * batch, width }, out);
  if (own !== null) {
    enqueueColumnSums(gpu, { rows: 1, columns: inputSize * width, x: out, out: at, accumulate: true });
    gpu.heap.release(own);
  }
  for (const handle of numbers.own) gpu.heap.release(handle);
}

/** A copy of rows `[T, B, width]` with zeros where the mask is 0. */
function clearRows(gpu: Gpu, x: X, mask: X, width: number): Handle {
  const handle = gpu.allocate(x.shape, 'f32');
  const size = sizeOf(x.shape);
  if (size === 0) return handle;
  const from = placeOf(x.handle);
  const masked = placeOf(mask.handle);
  gpu.begin().ints(size, width, from.start, masked.start);
  const buffers = [from.buffer, masked.buffer, placeOf(handle).buffer];
  gpu.runLinear(clearRowsKernel, '', null, buffers, Math.ceil(size / 256));
  return handle;
}

function ownPlace(gpu: Gpu, x: X): Place {
  gpu.ownBuffer(x);
  return placeOf(x.handle);
}
