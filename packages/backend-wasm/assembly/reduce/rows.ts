// Reduction of the last axis: `[outer, length] → [outer]`.
//
// words: 0 x, 1 out, 2 outer, 3 length
//
// A float sum is added up in blocks of 512 elements, and the blocks in f64, so that its error does not grow with the length.

import { pointer, rowOf, word } from '../task/part';
import { Fold, emptyLanes, fold, foldLanes, foldPart } from './fold';

const enum Block {
  LENGTH = 512,
}

/** Folds a stretch into the first lane. */
@inline
function foldStretch(op: i32, x: usize, count: i32): v128 {
  let a = emptyLanes(op);
  let b = a;
  let c = a;
  let d = a;
  const end16 = x + ((count & ~15) << 2);
  const end4 = x + ((count & ~3) << 2);
  for (; x < end16; x += 64) {
    a = fold(op, a, v128.load(x));
    b = fold(op, b, v128.load(x, 16));
    c = fold(op, c, v128.load(x, 32));
    d = fold(op, d, v128.load(x, 48));
  }
  for (; x < end4; x += 16) a = fold(op, a, v128.load(x));
  b = foldPart(op, b, x, count & 3);
  return foldLanes(op, fold(op, fold(op, a, b), fold(op, c, d)));
}

@inline
function reduceRows(op: i32, args: usize, part: i32, parts: i32): void {
  const length = word(args, 3);
  const end = rowOf(word(args, 2), part + 1, parts);
  for (let row = rowOf(word(args, 2), part, parts); row < end; row++) {
    const x = pointer(args, 0) + (((<usize>row) * length) << 2);
    const out = pointer(args, 1) + ((<usize>row) << 2);
    if (op == Fold.SUM) {
      let total: f64 = 0;
      for (let at = 0; at < length; at += Block.LENGTH) {
        total += f32x4.extract_lane(foldStretch(op, x + (at << 2), min(Block.LENGTH, length - at)), 0);
      }
      store<f32>(out, <f32>total);
    } else {
      v128.store_lane<i32>(out, foldStretch(op, x, length), 0);
    }
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
