import { partBegin } from '../product/product';
import { startBias } from '../product/panelRows';
import { addInto } from '../task/addInto';
import { pointer, word } from '../task/part';
import { Cell, Word, gatesOf, gradientBlocksOf } from './block';
import { rowsBytes } from './pack';

// Inputs that are row numbers of a table, whose row x stands for `W x`.

/** The table's row, and the bias, of `count` steps from step `first` on, into the gates' columns `from … to`; masked steps are not looked at. */
export function tableShare(
  args: usize, first: i32, count: i32, begin: i32, rows: i32, from: i32, to: i32, gates: usize, gateStep: usize, start: i32, bias: usize,
): void {
  const batch = word(args, Word.BATCH), size = word(args, Word.HIDDEN_SIZE), columns = gatesOf(word(args, Word.CELL)) * size;
  const bytes = rowsBytes(1, columns), mask = pointer(args, Word.MASK), whole = to - from == size;
  const width = whole ? columns : to - from, widthBytes = rowsBytes(1, width);
  for (let step = 0; step < count; step++) {
    for (let r = 0; r < rows; r++) {
      const at = <usize>((first + step) * batch + begin + r) << 2;
      if (mask != 0 && load<i32>(mask + at) == 0) continue;
      const into = gates + <usize>step * gateStep + <usize>r * bytes;
      const row = load<i32>(pointer(args, Word.ROWS) + at);
      const source = pointer(args, Word.WEIGHT_IH) + <usize>row * bytes;
      for (let column = from; column < columns; column += whole ? columns : size) {
        const skip = rowsBytes(1, column);
        if (<u32>row >= <u32>word(args, Word.INPUT_SIZE)) {
          memory.fill(into + skip, 0xff, widthBytes);
          continue;
        }
        memory.copy(into + skip, source + skip, widthBytes);
        if (start == startBias) addInto(into + skip, bias + skip, width);
      }
    }
  }
}

/**
 * The gradient of a table: each step's gate gradients added to the row it has read; parts are ranges of columns. It accumulates
 * where there is a single step at most: the sum of several would have to be rounded first.
 */
export function tableGradient(args: usize, part: i32, parts: i32): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE), columns = gatesOf(cell) * size;
  const from = partBegin(columns, 16, part, parts), to = partBegin(columns, 16, part + 1, parts);
  const table = pointer(args, Word.D_WEIGHT_IH), bytes = rowsBytes(1, columns);
  const rows = word(args, Word.ACCUMULATE) != 0 && word(args, Word.TIME) * word(args, Word.BATCH) <= 1 ? 0 : word(args, Word.INPUT_SIZE);
  for (let row = 0; row < rows; row++) memory.fill(table + <usize>row * bytes + (<usize>from << 2), 0, <usize>(to - from) << 2);
  if (cell != Cell.GRU) return addColumns(args, from, to, 0);
  // Gru's n gate meets the input in the last block of its gradients, one further on than in the table.
  addColumns(args, from, min(to, 2 * size), 0);
  addColumns(args, max(from, 2 * size), to, size);
}

/** Columns `from … to` of the table, which stand `shift` columns further on in the gate gradients. */
function addColumns(args: usize, from: i32, to: i32, shift: i32): void {
  if (from >= to) return;
  const size = word(args, Word.HIDDEN_SIZE), cell = word(args, Word.CELL), mask = pointer(args, Word.MASK);
  const steps = word(args, Word.TIME) * word(args, Word.BATCH), rows = word(args, Word.INPUT_SIZE);
  const bytes = rowsBytes(1, gatesOf(cell) * size), gradientBytes = rowsBytes(1, gradientBlocksOf(cell) * size);
  const table = pointer(args, Word.D_WEIGHT_IH) + (<usize>from << 2), gradients = pointer(args, Word.D_GATES) + (<usize>(from + shift) << 2);
  for (let step = 0; step < steps; step++) {
    const at = <usize>step << 2;
    if (mask != 0 && load<i32>(mask + at) == 0) continue;
    const row = load<i32>(pointer(args, Word.ROWS) + at);
    if (<u32>row >= <u32>rows) continue;
    addInto(table + <usize>row * bytes, gradients + <usize>step * gradientBytes, to - from);
  }
}
