import type { Floats } from '../../memory.js';
import type { Rows } from './segment.js';

/** What one step forward reads and writes. Arrays over time are `[T, B, …]`; `row` is the step's first row in them. */
export interface ForwardStep {
  readonly batch: number;
  readonly hidden: number;
  /** In: `W x + b` (and `+ d` where nothing comes between). Out: activated gates. */
  readonly gates: Floats;
  /** `U h`, `[B, stride]`. */
  readonly product: Float64Array;
  readonly stride: number;
  /** gru: `d_n`, `[H]`, zeros without bias. */
  readonly resetBias: Float64Array;
  readonly states: Floats;
  /** lstm: cell states; gru: `U_n h + d_n`; rnn: unused. */
  readonly extra: Floats;
  /** Apart from `states` only where there is a mask. */
  readonly output: Floats;
  readonly mask: Int32Array | null;
}

/** Activates the gates of a step and takes the state one step on; `h` and `c` are the state before it. */
export type ForwardStepLoop = (w: ForwardStep, row: number, h: Rows, c: Rows) => void;

/** Where the mask is 0: the state stays, the output is 0. */
export function skipRow(w: ForwardStep, row: number, b: number, h: Rows): void {
  const { hidden, states, output } = w;
  const to = row * hidden;
  const from = h.start + b * hidden;
  for (let j = 0; j < hidden; j++) {
    states[to + j] = h.data[from + j]!;
    output[to + j] = 0;
  }
}
