import type { RecurrentBackwardArgs, RecurrentBackwardResult, Result } from '@tempograd/core/backend';
import { floatsOf, type Floats, type JsHandle, type JsOperand, type Memory } from '../../memory.js';
import { sumRows } from '../../ops/reduce.js';
import { addPackedProduct, multiply, multiplyPacked, packWhole } from '../../product/multiply.js';
import { packColumns, packRows, packedSize, paddedColumns, type PackedColumns } from '../../product/pack.js';
import type { Workspace } from '../../workspace.js';
import { cells } from './cells.js';
import { tableGradient } from './tableRows.js';
import { columnsView, previousState, resultOf, rowsView, segmentOf, type Segment } from './segment.js';

/**
 * The loop over time finds δ of every step; then the input's gradient is one product over all steps, and so is each weight's.
 * `dL/dh` is rounded to the dtype at every step, so that a segment cut in two gives the same numbers, bit for bit.
 */
export function recurrentBackward(
  memory: Memory,
  workspace: Workspace,
  args: RecurrentBackwardArgs<JsHandle>,
): RecurrentBackwardResult<JsHandle> {
  const segment = segmentOf(memory, args);
  const { cell, steps, batch, inputSize, hidden, width } = segment;
  const { dtype } = args.weightHh;
  const { wants } = args;
  const rows = steps * batch;
  const made = (size: number, shape: readonly number[]): Result<JsHandle> =>
    resultOf(memory.allocate(dtype, size), shape, dtype);

  const deltaInput = memory.allocate(dtype, rows * width);
  const deltaHidden = cell === 'gru' ? memory.allocate(dtype, rows * width) : memory.share(deltaInput, 0, rows * width);
  const carry = segment.carry.map((_, part) => cotangentOf(memory, args.carryCotangents[part] ?? null, batch, hidden, dtype)); // prettier-ignore
  const delta = wants.delta ? made(rows * hidden, [steps, batch, hidden]) : null;
  stepsBackward(memory, workspace, args, segment, {
    carry: carry.map((handle) => floatsOf(handle)),
    deltaInput: floatsOf(deltaInput),
    deltaHidden: floatsOf(deltaHidden),
    delta: delta === null ? null : floatsOf(delta.handle),
  });
  if (!wants.carry) for (const handle of carry) memory.release(handle);

  const input = wants.input ? made(rows * inputSize, [steps, batch, inputSize]) : null;
  if (input !== null) {
    const left = rowsView({ data: floatsOf(deltaInput), start: 0 }, width);
    const right = rowsView({ data: segment.weightIh, start: 0 }, inputSize);
    multiply(workspace, left, right, { m: rows, n: inputSize, k: width }, input.handle.data);
  }
  const weightIh = wants.weights ? made(width * inputSize, args.weightIh.shape) : null;
  const weightHh = wants.weights ? made(width * hidden, [width, hidden]) : null;
  if (weightIh !== null && weightHh !== null) {
    if (segment.source.rows !== null) {
      tableGradient(segment, segment.source.rows, floatsOf(deltaInput), floatsOf(weightIh.handle));
    } else {
      const x = packInputs(workspace, segment, segment.source.input);
      multiplyPacked(workspace, columnsView({ data: floatsOf(deltaInput), start: 0 }, width), x, width, weightIh.handle.data, 0); // prettier-ignore
    }
    const h = packPreviousStates(workspace, segment, savedOf(memory, args).states);
    multiplyPacked(workspace, columnsView({ data: floatsOf(deltaHidden), start: 0 }, width), h, width, weightHh.handle.data, 0); // prettier-ignore
  }
  const biased = wants.weights && args.biasIh !== null;
  const biasIh = biased ? made(width, [width]) : null;
  const biasHh = biased ? made(width, [width]) : null;
  if (biasIh !== null) sumInto(biasIh.handle, deltaInput, rows, width);
  if (biasHh !== null) sumInto(biasHh.handle, deltaHidden, rows, width);
  memory.release(deltaInput);
  memory.release(deltaHidden);
  return {
    input,
    carry: wants.carry ? carry.map((handle) => resultOf(handle, [batch, hidden], dtype)) : null,
    weightIh: added(memory, weightIh, args.into?.weightIh),
    weightHh: added(memory, weightHh, args.into?.weightHh),
    biasIh: added(memory, biasIh, args.into?.biasIh),
    biasHh: added(memory, biasHh, args.into?.biasHh),
    delta,
  };
}

/** What the forward pass saved: gates, then states, then cell states or `U_n h + d_n`, for which states stand where there are none. */
function savedOf(
  memory: Memory,
  { saved }: RecurrentBackwardArgs<JsHandle>,
): { readonly gates: Floats; readonly states: Floats; readonly extra: Floats } {
  const [gates, states, extra = states] = saved as readonly [JsOperand, JsOperand, JsOperand?];
  return { gates: memory.floats(gates), states: memory.floats(states), extra: memory.floats(extra) };
}

/** Adds a gradient to what is given for it, which then is all there is; the gradient itself where nothing is given. */
function added(
  memory: Memory,
  gradient: Result<JsHandle> | null,
  into: JsOperand | null | undefined,
): Result<JsHandle> | null {
  if (gradient === null || !into) return gradient;
  const total = memory.ownFloats(into);
  const own = floatsOf(gradient.handle);
  for (let i = 0; i < total.length; i++) total[i]! += own[i]!;
  memory.release(gradient.handle);
  return null;
}

/** Arrays that the loop over time writes; `carry` goes from dL/d(final carry) to dL/d(initial carry). */
interface Cotangents {
  readonly carry: readonly Floats[];
  readonly deltaInput: Floats;
  readonly deltaHidden: Floats;
  readonly delta: Floats | null;
}

function stepsBackward(
  memory: Memory,
  workspace: Workspace,
  args: RecurrentBackwardArgs<JsHandle>,
  segment: Segment,
  { carry, deltaInput, deltaHidden, delta }: Cotangents,
): void {
  const { cell, steps, batch, hidden, width, mask, timeOf } = segment;
  const [dh, dc] = carry;
  const [h0, c0] = segment.carry;
  const { gates, states, extra } = savedOf(memory, args);
  const outputCotangent = args.outputCotangent === null ? null : memory.floats(args.outputCotangent);
  const step = { batch, hidden, mask, deltaInput, deltaHidden, gates, extra, dh: dh!, dc: dc ?? dh! };

  const u = packWhole(workspace, rowsView({ data: segment.weightHh, start: 0 }, hidden), width, hidden);
  const stride = paddedColumns(hidden);
  const product = workspace.take('block', batch * stride);
  const rows = workspace.take('rows', batch * width);
  for (let n = steps - 1; n >= 0; n--) {
    const first = timeOf(n) * batch;
    if (outputCotangent !== null) addOutputCotangent(step.dh, outputCotangent, mask, first, batch, hidden);
    if (delta !== null) delta.set(step.dh, first * hidden);
    cells[cell].backward(
      step,
      first,
      previousState(segment, h0!, states, n),
      previousState(segment, c0 ?? h0!, extra, n),
    );
    packRows(rowsView({ data: deltaHidden, start: first * width }, width), 0, batch, width, rows);
    product.fill(0, 0, batch * stride);
    addPackedProduct(rows, batch, u, product);
    for (let b = 0; b < batch; b++) {
      for (let j = 0, i = b * hidden; j < hidden; j++, i++) step.dh[i]! += product[b * stride + j]!;
    }
  }
}

/** `dh += dL/d output` of the step's rows; a masked output is a constant. */
function addOutputCotangent(
  dh: Floats,
  cotangent: Floats,
  mask: Int32Array | null,
  first: number,
  batch: number,
  hidden: number,
): void {
  for (let b = 0; b < batch; b++) {
    if (mask !== null && mask[first + b] === 0) continue;
    const from = (first + b) * hidden;
    for (let j = 0, i = b * hidden; j < hidden; j++, i++) dh[i]! += cotangent[from + j]!;
  }
}

/** A copy of the final carry's cotangent, zero where it is null. */
function cotangentOf(
  memory: Memory,
  x: JsOperand | null,
  batch: number,
  hidden: number,
  dtype: JsOperand['dtype'],
): JsHandle {
  if (x === null) return memory.zeros(dtype, batch * hidden);
  const result = memory.allocate(dtype, batch * hidden);
  result.data.set(memory.data(x));
  return result;
}

/** The inputs of all steps as a right factor; what stands at masked steps, NaN included, is left out. */
function packInputs(workspace: Workspace, segment: Segment, input: Floats): PackedColumns {
  const { steps, batch, inputSize: n, mask } = segment;
  const k = steps * batch;
  const packed = { panels: workspace.take('columns', packedSize(k, n)), k, n };
  packColumns(rowsView({ data: input, start: 0 }, n), packed, 0, k, mask);
  return packed;
}

/** The hidden states before all steps as a right factor. */
function packPreviousStates(workspace: Workspace, segment: Segment, states: Floats): PackedColumns {
  const { steps, batch, hidden: n, carry, timeOf } = segment;
  const k = steps * batch;
  const packed = { panels: workspace.take('columns', packedSize(k, n)), k, n };
  for (let step = 0; step < steps; step++) {
    const h = previousState(segment, carry[0]!, states, step);
    packColumns(rowsView(h, n), packed, timeOf(step) * batch, batch);
  }
  return packed;
}

/** `result = Σ rows of x`. */
function sumInto(result: JsHandle, x: JsHandle, rows: number, width: number): void {
  const totals = new Float64Array(width);
  sumRows(x.data, 0, rows, totals);
  result.data.set(totals);
}
