// `[batch, rows, columns] → [batch, columns, rows]` of 32-bit elements, in tiles of 4 × 4.
//
// words: 0 x, 1 out, 2 batch, 3 rows, 4 columns. Parts take stripes of 16 columns of one matrix.

import { pointer, rowOf, word } from '../task/part';
import { storeTransposed4 } from '../task/transpose4';

const stripeColumns: i32 = 16;

/** Columns [from, to) of one matrix. */
function stripe(x: usize, out: usize, rows: i32, columns: i32, from: i32, to: i32): void {
  const rowBytes = (<usize>columns) << 2;
  const columnBytes = (<usize>rows) << 2;
  for (let row = 0; row < rows; ) {
    const four = row + 4 <= rows;
    for (let column = from; column < to; ) {
      const source = x + (<usize>row) * rowBytes + (column << 2);
      const target = out + (<usize>column) * columnBytes + (row << 2);
      if (four && column + 4 <= to) {
        const second = source + rowBytes, third = second + rowBytes;
        storeTransposed4(v128.load(source), v128.load(second), v128.load(third), v128.load(third + rowBytes), target, columnBytes);
        column += 4;
      } else {
        const count = four ? 4 : 1;
        for (let k = 0; k < count; k++) store<i32>(target + (k << 2), load<i32>(source + (<usize>k) * rowBytes));
        column++;
      }
    }
    row += four ? 4 : 1;
  }
}

export function transpose(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const rows = word(args, 3);
  const columns = word(args, 4);
  const stripes = (columns + stripeColumns - 1) / stripeColumns;
  const matrixBytes = ((<usize>rows) * columns) << 2;
  const end = rowOf(word(args, 2) * stripes, part + 1, parts);
  for (let index = rowOf(word(args, 2) * stripes, part, parts); index < end; index++) {
    const matrix = index / stripes;
    const from = (index - matrix * stripes) * stripeColumns;
    const offset = (<usize>matrix) * matrixBytes;
    stripe(pointer(args, 0) + offset, pointer(args, 1) + offset, rows, columns, from, min(from + stripeColumns, columns));
  }
}
