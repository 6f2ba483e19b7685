import { gateCount, type RecurrentCell } from '@tempograd/core/backend';
import { at, floats, type HostArray } from './HostArray.js';

/** One recurrent layer over a segment, on the host; carry holds h, and c for lstm. */
export interface HostRecurrent {
  readonly cell: RecurrentCell;
  readonly input: HostArray;
  readonly carry: readonly HostArray[];
  readonly weightIh: HostArray;
  readonly weightHh: HostArray;
  readonly biasIh: HostArray | null;
  readonly biasHh: HostArray | null;
  readonly mask: HostArray | null;
  readonly reverse: boolean;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Output `[time, batch, hidden]` and the final carry, straight from the equations of the contract, one unit at a time. */
export function recurrentForm(call: HostRecurrent): { output: HostArray; carry: HostArray[] } {
  const [time, batch] = call.input.shape as [number, number, number];
  const hidden = call.weightHh.shape[1] as number;
  const carry = call.carry.map((x) => x.values.slice());
  const output = new Float64Array(time * batch * hidden);
  for (let step = 0; step < time; step++) {
    const t = call.reverse ? time - 1 - step : step;
    for (let row = 0; row < batch; row++) {
      if (call.mask !== null && at(call.mask, t * batch + row) === 0) continue;
      const before = carry.map((x) => x.slice(row * hidden, (row + 1) * hidden));
      for (let unit = 0; unit < hidden; unit++) {
        const after = unitStep(call, t * batch + row, unit, before);
        after.forEach((value, index) => ((carry[index] as Float64Array)[row * hidden + unit] = value));
        output[(t * batch + row) * hidden + unit] = after[0] as number;
      }
    }
  }
  return {
    output: floats([time, batch, hidden], output),
    carry: carry.map((values) => floats([batch, hidden], values)),
  };
}

/** The next h (and c) of one unit of one batch row. */
function unitStep(call: HostRecurrent, inputRow: number, unit: number, before: readonly Float64Array[]): number[] {
  const [h, c] = before as [Float64Array, Float64Array?];
  const hidden = h.length;
  const rows = Array.from({ length: gateCount[call.cell] }, (_, gate) => gate * hidden + unit);
  const inputs = call.weightIh.shape[1] as number;
  const fromInput = rows.map(
    (row) =>
      product(call.input.values, inputRow * inputs, call.weightIh.values, row * inputs, inputs) +
      (call.biasIh ? at(call.biasIh, row) : 0),
  );
  const fromState = rows.map(
    (row) => product(h, 0, call.weightHh.values, row * hidden, hidden) + (call.biasHh ? at(call.biasHh, row) : 0),
  );
  const gate = (index: number): number => (fromInput[index] as number) + (fromState[index] as number);
  switch (call.cell) {
    case 'rnnTanh':
      return [Math.tanh(gate(0))];
    case 'rnnRelu':
      return [Math.max(gate(0), 0)];
    case 'lstm': {
      const next = sigmoid(gate(1)) * (c?.[unit] as number) + sigmoid(gate(0)) * Math.tanh(gate(2));
      return [sigmoid(gate(3)) * Math.tanh(next), next];
    }
    case 'gru': {
      const update = sigmoid(gate(1));
      const proposal = Math.tanh((fromInput[2] as number) + sigmoid(gate(0)) * (fromState[2] as number));
      return [(1 - update) * proposal + update * (h[unit] as number)];
    }
  }
}

/** The inner product of `length` numbers of `a` from place `i` on and of `b` from place `j` on. */
function product(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let total = 0;
  for (let k = 0; k < length; k++) total += (a[i + k] as number) * (b[j + k] as number);
  return total;
}
