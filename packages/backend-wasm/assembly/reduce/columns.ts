// Reduction of an axis that is not the last: `[outer, length, inner] → [outer, inner]`.
//
// words: 0 x, 1 out, 2 outer, 3 length, 4 inner
//
// A float sum is added up in blocks of 32 rows, and the blocks in f64, so that its error does not grow with the length.

import { put, take } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';
import { Fold, emptyLanes, fold } from './fold';
import { Block, sumBlock } from './sumBlock';

/** Folds `count` (1 to 4) columns over all rows. */
@inline
function foldColumns(op: i32, x: usize, length: i32, stride: usize, count: i32): v128 {
  let lanes = emptyLanes(op);
  if (op == Fold.SUM) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (let row = 0; row < length; ) {
      const end = min(row + Block.ROWS, length);
      lanes = f32x4.splat(0);
      for (; row < end; row++, x += stride) {
        lanes = f32x4.add(lanes, take(x, count));
      }
      low = f64x2.add(low, f64x2.promote_low_f32x4(lanes));
      high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.splat(i64x2.extract_lane(lanes, 1))));
    }
    const first = f32x4.demote_f64x2_zero(low);
    return i64x2.replace_lane(first, 1, i64x2.extract_lane(f32x4.demote_f64x2_zero(high), 0));
  }
  for (let row = 0; row < length; row++, x += stride) {
    lanes = fold(op, lanes, take(x, count));
  }
  return lanes;
}

@inline
function reduceColumns(op: i32, args: usize, part: i32, parts: i32): void {
  const length = word(args, 3);
  const inner = word(args, 4);
  const total = word(args, 2) * inner;
  const end = elementOf(total, part + 1, parts);
  for (let at = elementOf(total, part, parts); at < end; ) {
    const row = at / inner;
    const column = at - row * inner;
    const left = min(inner - column, end - at);
    const count = min(left, 4);
    const x = pointer(args, 0) + (((<usize>row) * length * inner + column) << 2);
    const out = pointer(args, 1) + ((<usize>at) << 2);
    if (op == Fold.SUM && left >= 16) {
      sumBlock(x, length, (<usize>inner) << 2, out);
      at += 16;
      continue;
    }
    put(out, foldColumns(op, x, length, (<usize>inner) << 2, count), count);
    at += count;
  }
}

export function sumColumnsF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.SUM, args, part, parts);
}
export function maxColumnsF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.MAX, args, part, parts);
}
export function sumColumnsI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.SUM_I32, args, part, parts);
}
export function maxColumnsI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.MAX_I32, args, part, parts);
}
