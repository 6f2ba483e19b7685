// `out[i] = condition[i] ≠ 0 ? a[i] : b[i]` with broadcasting of all three, 32-bit elements of either type.
//
// words: 0 condition, 1 a, 2 b, 3 out, 4 total elements, 5 elements in an inner row, 6, 7, 8 strides of condition, a and b
// in that row (4 or 0 bytes), 9 rank of the layout (see offset.ts), 10… the layout

import { put, take } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';
import { offsetOfRow } from './offset';

/** `count` (1 to 4) elements of a run, or one repeated. */
@inline
function takeOrRepeat(at: usize, stride: i32, count: i32): v128 {
  return stride == 0 ? v128.load32_splat(at) : take(at, count);
}

@inline
function selectLanes(c: usize, strideC: i32, a: usize, strideA: i32, b: usize, strideB: i32, out: usize, count: i32): void {
  const zero = i32x4.eq(takeOrRepeat(c, strideC, count), i32x4.splat(0));
  put(out, v128.bitselect(takeOrRepeat(b, strideB, count), takeOrRepeat(a, strideA, count), zero), count);
}

export function select(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const inner = word(args, 5);
  const strideC = word(args, 6);
  const strideA = word(args, 7);
  const strideB = word(args, 8);
  const rank = word(args, 9);
  const layout = args + (10 << 2);
  const end = elementOf(word(args, 4), part + 1, parts);
  for (let at = elementOf(word(args, 4), part, parts); at < end; ) {
    const row = at / inner;
    const column = at - row * inner;
    const count = min(inner - column, end - at);
    let c = pointer(args, 0) + offsetOfRow(row, rank, layout, 0, 3) + column * strideC;
    let a = pointer(args, 1) + offsetOfRow(row, rank, layout, 1, 3) + column * strideA;
    let b = pointer(args, 2) + offsetOfRow(row, rank, layout, 2, 3) + column * strideB;
    let out = pointer(args, 3) + ((<usize>at) << 2);
    let left = count;
    for (; left >= 4; left -= 4) {
      selectLanes(c, strideC, a, strideA, b, strideB, out, 4);
      c += strideC << 2;
      a += strideA << 2;
      b += strideB << 2;
      out += 16;
    }
    if (left > 0) selectLanes(c, strideC, a, strideA, b, strideB, out, left);
    at += count;
  }
}
