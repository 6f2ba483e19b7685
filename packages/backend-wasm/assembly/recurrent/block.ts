// The block of arguments of the recurrent tasks, word by word; the README of this folder's parent has the table.
import { pointer, word } from '../task/part';

/** Cells, as word 0 numbers them. */
// @ts-ignore: decorator
@inline export const RNN_TANH = 0;
// @ts-ignore: decorator
@inline export const RNN_RELU = 1;
// @ts-ignore: decorator
@inline export const LSTM = 2;
// @ts-ignore: decorator
@inline export const GRU = 3;

// @ts-ignore: decorator
@inline export const CELL = 0;
// @ts-ignore: decorator
@inline export const TIME = 1;
// @ts-ignore: decorator
@inline export const BATCH = 2;
// @ts-ignore: decorator
@inline export const INPUT_SIZE = 3;
// @ts-ignore: decorator
@inline export const HIDDEN_SIZE = 4;
// @ts-ignore: decorator
@inline export const REVERSE = 5;
// @ts-ignore: decorator
@inline export const INPUT = 6;
// @ts-ignore: decorator
@inline export const WEIGHT_IH = 7;
// @ts-ignore: decorator
@inline export const WEIGHT_HH = 8;
// @ts-ignore: decorator
@inline export const BIAS_IH = 9;
// @ts-ignore: decorator
@inline export const BIAS_HH = 10;
// @ts-ignore: decorator
@inline export const MASK = 11;
// @ts-ignore: decorator
@inline export const H0 = 12;
// @ts-ignore: decorator
@inline export const C0 = 13;
// @ts-ignore: decorator
@inline export const OUTPUT = 14;
// @ts-ignore: decorator
@inline export const H_LAST = 15;
// @ts-ignore: decorator
@inline export const C_LAST = 16;
// @ts-ignore: decorator
@inline export const GATES = 17;
// @ts-ignore: decorator
@inline export const STATES = 18;
// @ts-ignore: decorator
@inline export const EXTRA = 19;
// @ts-ignore: decorator
@inline export const PACKED = 20;
// @ts-ignore: decorator
@inline export const OUTPUT_COTANGENT = 21;
// @ts-ignore: decorator
@inline export const H_COTANGENT = 22;
// @ts-ignore: decorator
@inline export const C_COTANGENT = 23;
// @ts-ignore: decorator
@inline export const D_INPUT = 24;
// @ts-ignore: decorator
@inline export const D_H0 = 25;
// @ts-ignore: decorator
@inline export const D_C0 = 26;
// @ts-ignore: decorator
@inline export const D_WEIGHT_IH = 27;
// @ts-ignore: decorator
@inline export const D_WEIGHT_HH = 28;
// @ts-ignore: decorator
@inline export const D_BIAS_IH = 29;
// @ts-ignore: decorator
@inline export const D_BIAS_HH = 30;
// @ts-ignore: decorator
@inline export const DELTA = 31;
// @ts-ignore: decorator
@inline export const D_GATES = 32;
// @ts-ignore: decorator
@inline export const ROWS = 33;
// @ts-ignore: decorator
@inline export const ACCUMULATE = 34;

/** Gates of the cell: rows of the weights in hidden sizes. */
// @ts-ignore: decorator
@inline
export function gatesOf(cell: i32): i32 {
  return cell == LSTM ? 4 : cell == GRU ? 3 : 1;
}

/** Blocks of `dGates` in hidden sizes: the gates, and for gru one more, since its n gate meets x and h differently. */
// @ts-ignore: decorator
@inline
export function gradientBlocksOf(cell: i32): i32 {
  return cell == LSTM || cell == GRU ? 4 : 1;
}

/** Rows of the batch that go together: those of one register tile. Parts begin at multiples of it. */
// @ts-ignore: decorator
@inline export const ROW_UNIT = TILE_ROWS;

/** The most rows that one of `parts` parts has. */
export function mostRows(args: usize, parts: i32): i32 {
  const units = (word(args, BATCH) + ROW_UNIT - 1) / ROW_UNIT;
  return min(word(args, BATCH), ((units + parts - 1) / parts) * ROW_UNIT);
}

/** Rows of inputs, of all steps together, that a panel of weights should meet while it is near. */
// @ts-ignore: decorator
@inline const ROWS_AT_ONCE = 64;

/** Steps whose input products are taken together by a part of so many rows. */
export function stepsAtOnce(args: usize, rows: i32): i32 {
  return max(1, min(word(args, TIME), ROWS_AT_ONCE / rows));
}

/** The most rows of inputs that any of the parts takes together: one with fewer rows than another may take more steps. */
export function mostRowsAtOnce(args: usize, parts: i32): i32 {
  const rows = mostRows(args, parts);
  return max(rows, min(word(args, TIME) * rows, ROWS_AT_ONCE));
}

/**
 * Whether the weights are packed: what packing costs, enough rows of all steps together must share. A product of packed matrices
 * is over one term at least.
 */
export function packsHidden(args: usize): bool {
  return word(args, HIDDEN_SIZE) > 0 && word(args, TIME) * word(args, BATCH) >= 16;
}

/** Whether the input weights are packed; a table of rows has no use for it. */
export function packsInput(args: usize): bool {
  return word(args, INPUT_SIZE) > 0 && pointer(args, ROWS) == 0 && packsHidden(args);
}
