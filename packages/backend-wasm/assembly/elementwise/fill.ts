// `out[i] = value`, of either 32-bit type.
//
// words: 0 out, 1 elements, 2 value

import { storePart } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';

export function fill(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const begin = elementOf(word(args, 1), part, parts);
  const count = elementOf(word(args, 1), part + 1, parts) - begin;
  const value = i32x4.splat(word(args, 2));
  let out = pointer(args, 0) + ((<usize>begin) << 2);
  const last = out + ((<usize>count & ~3) << 2);
  for (; out < last; out += 16) v128.store(out, value);
  if (count & 3) storePart(out, value, count & 3);
}
