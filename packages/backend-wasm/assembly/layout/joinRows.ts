// Copies rows of equal length between two strides, for concatenation.
//
// words: 0 x, 1 out, 2 rows, 3 bytes in a row, 4 bytes from row to row in x, 5 the same in out

import { copyRows } from '../task/copyRows';
import { pointer, rowOf, word } from '../task/part';

export function joinRows(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const begin = <usize>rowOf(word(args, 2), part, parts), end = <usize>rowOf(word(args, 2), part + 1, parts);
  const step = <usize>word(args, 4), outStep = <usize>word(args, 5);
  const x = pointer(args, 0) + begin * step, out = pointer(args, 1) + begin * outStep;
  copyRows(out, outStep, x, step, <i32>(end - begin), <usize>word(args, 3));
}
