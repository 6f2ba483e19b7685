// The block of arguments of the recurrent tasks, word by word; the README of this folder's parent has the table, and the script of the
// build writes the numbers for what fills the block.
import { pointer, word } from '../task/part';

/** Cells, as word 0 numbers them. */
export const enum Cell {
  RNN_TANH,
  RNN_RELU,
  LSTM,
  GRU,
}

/** Words of the block, in their order. */
export const enum Word {
  CELL,
  TIME,
  BATCH,
  INPUT_SIZE,
  HIDDEN_SIZE,
  REVERSE,
  INPUT,
  WEIGHT_IH,
  WEIGHT_HH,
  BIAS_IH,
  BIAS_HH,
  MASK,
  H0,
  C0,
  OUTPUT,
  H_LAST,
  C_LAST,
  GATES,
  STATES,
  EXTRA,
  PACKED,
  OUTPUT_COTANGENT,
  H_COTANGENT,
  C_COTANGENT,
  D_INPUT,
  D_H0,
  D_C0,
  D_WEIGHT_IH,
  D_WEIGHT_HH,
  D_BIAS_IH,
  D_BIAS_HH,
  DELTA,
  D_GATES,
  ROWS,
  ACCUMULATE,
}

/** Gates of the cell: rows of the weights in hidden sizes. */
@inline
export function gatesOf(cell: i32): i32 {
  return cell == Cell.LSTM ? 4 : cell == Cell.GRU ? 3 : 1;
}

/** Blocks of `dGates` in hidden sizes: the gates, and for gru one more, since its n gate meets x and h differently. */
@inline
export function gradientBlocksOf(cell: i32): i32 {
  return cell == Cell.LSTM || cell == Cell.GRU ? 4 : 1;
}

/** Rows of the batch that go together, a register tile's: in the wide build its smaller one's. Parts begin at multiples of it. */
export const ROW_UNIT = TILE_ROWS;

/** The most rows that one of `parts` parts has. */
export function mostRows(args: usize, parts: i32): i32 {
  const units = (word(args, Word.BATCH) + ROW_UNIT - 1) / ROW_UNIT;
  return min(word(args, Word.BATCH), ((units + parts - 1) / parts) * ROW_UNIT);
}

/** Rows of inputs, of all steps together, that a panel of weights should meet while it is near. */
const ROWS_AT_ONCE = 64;

/** Steps whose input products are taken together by a part of so many rows. */
export function stepsAtOnce(args: usize, rows: i32): i32 {
  return max(1, min(word(args, Word.TIME), ROWS_AT_ONCE / rows));
}

/** The most rows of inputs that any of the parts takes together: one with fewer rows than another may take more steps. */
export function mostRowsAtOnce(args: usize, parts: i32): i32 {
  const rows = mostRows(args, parts);
  return max(rows, min(word(args, Word.TIME) * rows, ROWS_AT_ONCE));
}

/**
 * Whether the weights are packed: what packing costs, enough rows of all steps together must share. A product of packed matrices
 * is over one term at least.
 */
export function packsHidden(args: usize): bool {
  return word(args, Word.HIDDEN_SIZE) > 0 && word(args, Word.TIME) * word(args, Word.BATCH) >= 16;
}

/** Whether the input weights are packed; a table of rows has no use for it. */
export function packsInput(args: usize): bool {
  return word(args, Word.INPUT_SIZE) > 0 && pointer(args, Word.ROWS) == 0 && packsHidden(args);
}
