// Copies rows of equal length between two strides, for concatenation.
//
// words: 0 x, 1 out, 2 rows, 3 bytes in a row, 4 bytes from row to row in x, 5 the same in out

import { pointer, rowOf, word } from '../task/part';

export function copyRows(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const end = rowOf(word(args, 2), part + 1, parts);
  for (let row = rowOf(word(args, 2), part, parts); row < end; row++) {
    memory.copy(
      pointer(args, 1) + (<usize>row) * word(args, 5),
      pointer(args, 0) + (<usize>row) * word(args, 4),
      word(args, 3),
    );
  }
}
