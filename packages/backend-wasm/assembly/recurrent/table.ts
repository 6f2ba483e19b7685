import { partBegin } from '../product/product';
import { addInto } from '../task/addInto';
import { pointer, word } from '../task/part';
import { Cell, Word, gatesOf, gradientBlocksOf } from './block';
import { rowsBytes } from './pack';

// Inputs that are row numbers of a table, whose row x stands for `W x`.

/** Where the row stands that step and row of the batch number `at` has for an input; 0 where the table has no such row. */
export function tableRow(args: usize, at: i32): usize {
  const row = load<i32>(pointer(args, Word.ROWS) + (<usize>at << 2)), columns = gatesOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  return <u32>row < <u32>word(args, Word.INPUT_SIZE) ? pointer(args, Word.WEIGHT_IH) + rowsBytes(row, columns) : 0;
}

/**
 * Zeros in a part of the columns of a table's gradient, unless it accumulates: where there is a single step at most, for the sum of
 * several would have to be rounded first.
 */
export function clearTable(args: usize, part: i32, parts: i32): void {
  const total = word(args, Word.TIME) * word(args, Word.BATCH), columns = gatesOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  const from = partBegin(columns, 16, part, parts), to = partBegin(columns, 16, part + 1, parts);
  const table = pointer(args, Word.D_WEIGHT_IH), bytes = rowsBytes(1, columns);
  const rows = word(args, Word.ACCUMULATE) != 0 && total <= 1 ? 0 : word(args, Word.INPUT_SIZE);
  for (let row = 0; row < rows; row++) memory.fill(table + <usize>row * bytes + (<usize>from << 2), 0, <usize>(to - from) << 2);
}

/** Adds the gate gradients of `count` rows of `[T·B]` from `row` on to the table's rows that they have read; parts are ranges of columns. */
export function addToTable(args: usize, part: i32, parts: i32, row: i32, count: i32): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE), columns = gatesOf(cell) * size;
  const from = partBegin(columns, 16, part, parts), to = partBegin(columns, 16, part + 1, parts);
  if (cell != Cell.GRU) return addColumns(args, row, count, from, to, 0);
  // Gru's n gate meets the input in the last block of its gradients, one further on than in the table.
  addColumns(args, row, count, from, min(to, 2 * size), 0);
  addColumns(args, row, count, max(from, 2 * size), to, size);
}

/** Columns `from … to` of the table, which stand `shift` columns further on in the gate gradients. */
function addColumns(args: usize, first: i32, count: i32, from: i32, to: i32, shift: i32): void {
  if (from >= to) return;
  const size = word(args, Word.HIDDEN_SIZE), cell = word(args, Word.CELL), mask = pointer(args, Word.MASK);
  const rows = word(args, Word.INPUT_SIZE);
  const bytes = rowsBytes(1, gatesOf(cell) * size), gradientBytes = rowsBytes(1, gradientBlocksOf(cell) * size);
  const table = pointer(args, Word.D_WEIGHT_IH) + (<usize>from << 2), gradients = pointer(args, Word.D_GATES) + (<usize>(from + shift) << 2);
  for (let step = first; step < first + count; step++) {
    const at = <usize>step << 2;
    if (mask != 0 && load<i32>(mask + at) == 0) continue;
    const row = load<i32>(pointer(args, Word.ROWS) + at);
    if (<u32>row >= <u32>rows) continue;
    addInto(table + <usize>row * bytes, gradients + <usize>step * gradientBytes, to - from);
  }
}
