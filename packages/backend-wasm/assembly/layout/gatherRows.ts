// Rows by number, and the transpose of that.
//
// gatherRows: 0 x [rows, length], 1 indices, 2 out [count, length], 3 rows, 4 length, 5 count,
//   6 what a row outside is filled with (bits)
// scatterAdd: 0 updates [count, length], 1 indices, 2 out [rows, length], 3 rows, 4 length, 5 count.
//   Parts take ranges of columns, so that each element is added up in the order of the indices.

import { loadPart, storePart } from '../task/lanes';
import { elementOf, pointer, rowOf, word } from '../task/part';

export function gatherRows(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const rows = word(args, 3);
  const bytes = (<usize>word(args, 4)) << 2;
  const end = rowOf(word(args, 5), part + 1, parts);
  for (let i = rowOf(word(args, 5), part, parts); i < end; i++) {
    const index = load<i32>(pointer(args, 1) + ((<usize>i) << 2));
    const out = pointer(args, 2) + (<usize>i) * bytes;
    if (<u32>index < <u32>rows) {
      memory.copy(out, pointer(args, 0) + (<usize>index) * bytes, bytes);
    } else {
      for (let at: usize = 0; at < bytes; at += 4) store<i32>(out + at, word(args, 6));
    }
  }
}

@inline
function scatter(float: bool, args: usize, part: i32, parts: i32): void {
  const rows = word(args, 3);
  const length = word(args, 4);
  const begin = elementOf(length, part, parts);
  const width = elementOf(length, part + 1, parts) - begin;
  if (width == 0) return;
  for (let row = 0; row < rows; row++) {
    memory.fill(pointer(args, 2) + (((<usize>row) * length + begin) << 2), 0, width << 2);
  }
  for (let i = 0; i < word(args, 5); i++) {
    const index = load<i32>(pointer(args, 1) + ((<usize>i) << 2));
    if (<u32>index >= <u32>rows) continue;
    let x = pointer(args, 0) + (((<usize>i) * length + begin) << 2);
    let out = pointer(args, 2) + (((<usize>index) * length + begin) << 2);
    const last = out + ((width & ~3) << 2);
    for (; out < last; out += 16, x += 16) v128.store(out, add(float, v128.load(out), v128.load(x)));
    const rest = width & 3;
    if (rest) storePart(out, add(float, loadPart(out, rest), loadPart(x, rest)), rest);
  }
}

@inline
function add(float: bool, a: v128, b: v128): v128 {
  return float ? f32x4.add(a, b) : i32x4.add(a, b);
}

export function scatterAddF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  scatter(true, args, part, parts);
}
export function scatterAddI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  scatter(false, args, part, parts);
}
