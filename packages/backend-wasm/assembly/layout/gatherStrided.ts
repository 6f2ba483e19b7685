// A dense copy of an operand read through strides: permutations, slices, flips and broadcasts of 32-bit elements.
//
// words: 0 x, 1 out, 2 total elements, 3 elements in an inner row, 4 stride of x in that row (bytes),
// 5 rank of the layout (see elementwise/offset.ts), 6… the layout

import { offsetOfRow } from '../elementwise/offset';
import { elementOf, pointer, word } from '../task/part';

export function gatherStrided(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const inner = word(args, 3);
  const stride = word(args, 4);
  const rank = word(args, 5);
  const end = elementOf(word(args, 2), part + 1, parts);
  for (let at = elementOf(word(args, 2), part, parts); at < end; ) {
    const row = at / inner;
    const column = at - row * inner;
    const count = min(inner - column, end - at);
    let x = pointer(args, 0) + offsetOfRow(row, rank, args + (6 << 2), 0, 1) + column * stride;
    let out = pointer(args, 1) + ((<usize>at) << 2);
    if (stride == 4) {
      memory.copy(out, x, count << 2);
    } else {
      const last = out + (count << 2);
      for (; out < last; out += 4, x += stride) store<i32>(out, load<i32>(x));
    }
    at += count;
  }
}
