// Functions of two operands with broadcasting: `out[i] = f(a[i], b[i])` over the dense result.
//
// words: 0 a, 1 b, 2 out, 3 total elements, 4 elements in an inner row, 5 and 6 strides of a and b in that row
// (4 or 0 bytes), 7 rank of the layout (see offset.ts), 8… the layout

import { loadPart, storePart } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';
import { Binary, combine } from './combine';
import { offsetOfRow } from './offset';

/** One run in which both strides hold. */
@inline
function run(op: Binary, a: usize, b: usize, out: usize, strideA: i32, strideB: i32, count: i32): void {
  const last = out + ((count & ~3) << 2);
  const rest = count & 3;
  if (strideA != 0 && strideB != 0) {
    for (; out < last; out += 16, a += 16, b += 16) v128.store(out, combine(op, v128.load(a), v128.load(b)));
    if (rest) storePart(out, combine(op, loadPart(a, rest), loadPart(b, rest)), rest);
  } else if (strideA != 0) {
    const right = v128.load32_splat(b);
    for (; out < last; out += 16, a += 16) v128.store(out, combine(op, v128.load(a), right));
    if (rest) storePart(out, combine(op, loadPart(a, rest), right), rest);
  } else {
    const left = v128.load32_splat(a);
    const step: usize = strideB << 2;
    for (; out < last; out += 16, b += step) v128.store(out, combine(op, left, loadRun(b, strideB)));
    if (rest) storePart(out, combine(op, left, strideB ? loadPart(b, rest) : v128.load32_splat(b)), rest);
  }
}

/** Four elements of a run, or one repeated. */
@inline
function loadRun(at: usize, stride: i32): v128 {
  return stride ? v128.load(at) : v128.load32_splat(at);
}

/** Walks the rows of the result that the part covers. */
@inline
export function binary(op: Binary, args: usize, part: i32, parts: i32): void {
  const inner = word(args, 4);
  const strideA = word(args, 5);
  const strideB = word(args, 6);
  const rank = word(args, 7);
  const layout = args + (8 << 2);
  const end = elementOf(word(args, 3), part + 1, parts);
  for (let at = elementOf(word(args, 3), part, parts); at < end; ) {
    const row = at / inner;
    const column = at - row * inner;
    const count = min(inner - column, end - at);
    const a = pointer(args, 0) + offsetOfRow(row, rank, layout, 0, 2) + column * strideA;
    const b = pointer(args, 1) + offsetOfRow(row, rank, layout, 1, 2) + column * strideB;
    run(op, a, b, pointer(args, 2) + ((<usize>at) << 2), strideA, strideB, count);
    at += count;
  }
}
