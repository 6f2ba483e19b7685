// Reduction of the last axis: `[outer, length] → [outer]`.
//
// words: 0 x, 1 out, 2 outer, 3 length
//
// How a float sum is added up, `sumOf` says.

import { pointer, rowOf, word } from '../task/part';
import { Fold, foldRow } from './fold';
import { Term, sumOf } from './sumOf';

@inline
function reduceRows(op: Fold, args: usize, part: i32, parts: i32): void {
  const length = word(args, 3);
  const end = rowOf(word(args, 2), part + 1, parts);
  for (let row = rowOf(word(args, 2), part, parts); row < end; row++) {
    const x = pointer(args, 0) + (((<usize>row) * length) << 2);
    const out = pointer(args, 1) + ((<usize>row) << 2);
    if (op == Fold.SUM) store<f32>(out, sumOf(Term.ITSELF, x, length, f32x4.splat(0)));
    else v128.store_lane<i32>(out, foldRow(op, x, length), 0);
  }
}

export function sumRowsF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceRows(Fold.SUM, args, part, parts);
}
export function maxRowsF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceRows(Fold.MAX, args, part, parts);
}
export function sumRowsI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceRows(Fold.SUM_I32, args, part, parts);
}
export function maxRowsI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceRows(Fold.MAX_I32, args, part, parts);
}
