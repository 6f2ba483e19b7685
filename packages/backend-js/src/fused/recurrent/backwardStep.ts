import type { Floats } from '../../memory.js';
import type { Rows } from './segment.js';

/** What one step backward reads and writes. Arrays over time are `[T, B, …]`; `row` is the step's first row in them. */
export interface BackwardStep {
  readonly batch: number;
  readonly hidden: number;
  readonly gates: Floats;
  readonly extra: Floats;
  readonly mask: Int32Array | null;
  /** In: dL/dh after the step, `[B, H]`. Out: the part of dL/dh before it that does not pass through U. */
  readonly dh: Floats;
  /** lstm: dL/dc after the step, then before it. */
  readonly dc: Floats;
  /** Out: δ, the cotangent of `W x + b`, `[T, B, G·H]`. */
  readonly deltaInput: Floats;
  /** Out: the cotangent of `U h + d`; the same array except for gru. */
  readonly deltaHidden: Floats;
}

/** Takes the cotangents through one step; `h` and `c` are the state before it. */
export type BackwardStepLoop = (w: BackwardStep, row: number, h: Rows, c: Rows) => void;

/** Where the mask is 0 the step passes its cotangents on unchanged and moves no gate. */
export function passRow(w: BackwardStep, row: number, width: number): void {
  w.deltaInput.fill(0, row * width, (row + 1) * width);
  w.deltaHidden.fill(0, row * width, (row + 1) * width);
}
