import type { RecurrentArgs, RecurrentForwardResult } from '@tempograd/core/backend';
import { floatsOf, type JsHandle, type Memory } from '../../memory.js';
import { addPackedProduct, multiply, packWhole } from '../../product/multiply.js';
import { packRows, paddedColumns } from '../../product/pack.js';
import type { Workspace } from '../../workspace.js';
import { cells } from './cells.js';
import type { ForwardStep } from './forwardStep.js';
import { addTableRows } from './tableRows.js';
import { columnsView, previousState, resultOf, rowsView, segmentOf, type Segment } from './segment.js';

/**
 * `W x` of all steps is one product; U is packed once; the loop over time holds `U h` and the gates.
 * States are rounded to the dtype at every step, so that a segment cut in two gives the same numbers, bit for bit.
 */
export function recurrentForward(
  memory: Memory,
  workspace: Workspace,
  args: RecurrentArgs<JsHandle>,
  save: boolean,
): RecurrentForwardResult<JsHandle> {
  const segment = segmentOf(memory, args);
  const { cell, steps, batch, inputSize, hidden, width, mask, timeOf } = segment;
  const { dtype } = args.weightHh;
  const gates = memory.allocate(dtype, steps * batch * width);
  const states = memory.allocate(dtype, steps * batch * hidden);
  const extra = cell === 'lstm' || cell === 'gru' ? memory.allocate(dtype, steps * batch * hidden) : null;
  const output =
    mask === null ? memory.share(states, 0, states.data.length) : memory.allocate(dtype, states.data.length);

  const { inputBias, resetBias } = splitBiases(memory, args, segment);
  if (segment.source.rows !== null) {
    addTableRows(segment, segment.source.rows, inputBias, floatsOf(gates));
  } else {
    const x = rowsView({ data: segment.source.input, start: 0 }, inputSize);
    const w = columnsView({ data: segment.weightIh, start: 0 }, inputSize);
    multiply(workspace, x, w, { m: steps * batch, n: width, k: inputSize }, gates.data, 0, inputBias);
  }

  const u = packWhole(workspace, columnsView({ data: segment.weightHh, start: 0 }, hidden), hidden, width);
  const stride = paddedColumns(width);
  const product = workspace.take('block', batch * stride);
  const rows = workspace.take('rows', batch * hidden);
  const step: ForwardStep = {
    batch,
    hidden,
    gates: floatsOf(gates),
    product,
    stride,
    resetBias,
    states: floatsOf(states),
    extra: floatsOf(extra ?? states),
    output: floatsOf(output),
    mask,
  };
  const [h0, c0] = segment.carry;
  for (let n = 0; n < steps; n++) {
    const h = previousState(segment, h0!, step.states, n);
    const c = previousState(segment, c0 ?? h0!, step.extra, n);
    packRows(rowsView(h, hidden), 0, batch, hidden, rows);
    product.fill(0, 0, batch * stride);
    addPackedProduct(rows, batch, u, product);
    cells[cell].forward(step, timeOf(n) * batch, h, c);
  }

  const finals = cell === 'lstm' ? [states, extra!] : [states];
  const carry = finals.map((over) => resultOf(lastState(memory, segment, over, dtype), [batch, hidden], dtype));
  const dropped = save ? [] : [gates, states, ...(extra === null ? [] : [extra])];
  for (const handle of dropped) memory.release(handle);
  const overTime = [steps, batch, hidden];
  return {
    output: resultOf(output, overTime, dtype),
    carry,
    saved: save
      ? [
          resultOf(gates, [steps, batch, width], dtype),
          resultOf(states, overTime, dtype),
          ...(extra === null ? [] : [resultOf(extra, overTime, dtype)]),
        ]
      : null,
  };
}

/** What is added to `W x` at once (b, and d where no reset comes between), and gru's `d_n`. */
function splitBiases(
  memory: Memory,
  args: RecurrentArgs<JsHandle>,
  { cell, hidden, width }: Segment,
): { inputBias: Float64Array; resetBias: Float64Array } {
  const inputBias = new Float64Array(width);
  const resetBias = new Float64Array(hidden);
  if (args.biasIh === null || args.biasHh === null) return { inputBias, resetBias };
  const b = memory.floats(args.biasIh);
  const d = memory.floats(args.biasHh);
  const joined = cell === 'gru' ? 2 * hidden : width;
  for (let j = 0; j < width; j++) {
    inputBias[j] = b[j]! + (j < joined ? d[j]! : 0);
    if (j >= joined) resetBias[j - joined] = d[j]!;
  }
  return { inputBias, resetBias };
}

/** A copy of the state after the last step run: a view would keep the states of the whole segment alive. */
function lastState(memory: Memory, segment: Segment, over: JsHandle, dtype: 'f32' | 'f64' | 'i32'): JsHandle {
  const size = segment.batch * segment.hidden;
  const start = segment.timeOf(segment.steps - 1) * size;
  const result = memory.allocate(dtype, size);
  result.data.set(over.data.subarray(start, start + size));
  return result;
}
