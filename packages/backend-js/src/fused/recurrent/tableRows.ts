import type { Floats } from '../../memory.js';
import type { Segment } from './segment.js';

/** `W x + b` of every step where x is a row number: `gates [T·B, G·H]` from the table's rows. Masked steps are left as they are. */
export function addTableRows(segment: Segment, rows: Int32Array, bias: Float64Array | null, gates: Floats): void {
  const { weightIh: table, inputSize, width, mask } = segment;
  for (let row = 0, to = 0; row < rows.length; row++, to += width) {
    if (mask !== null && mask[row] === 0) continue;
    const number = rows[row]!;
    const inside = number >= 0 && number < inputSize;
    for (let j = 0, from = number * width; j < width; j++, from++) {
      gates[to + j] = inside ? table[from]! + (bias === null ? 0 : bias[j]!) : NaN;
    }
  }
}

/** The table's gradient: δ `[T·B, G·H]` of every step added to the row that the step has read. */
export function tableGradient(segment: Segment, rows: Int32Array, delta: Floats, gradient: Floats): void {
  const { inputSize, width, mask } = segment;
  const totals = new Float64Array(inputSize * width);
  for (let row = 0, from = 0; row < rows.length; row++, from += width) {
    const number = rows[row]!;
    if ((mask !== null && mask[row] === 0) || number < 0 || number >= inputSize) continue;
    for (let j = 0, to = number * width; j < width; j++, to++) totals[to]! += delta[from + j]!;
  }
  gradient.set(totals);
}
