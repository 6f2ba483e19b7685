// What each reduction does to its running lanes. `op` is a constant wherever this is used, so one branch remains.

import { firstLanes, loadPart } from '../task/lanes';

/** What a reduction folds with; i32 stands apart. */
export const enum Fold {
  SUM,
  MAX,
  SUM_I32,
  MAX_I32,
}

/** The lanes to begin with. */
@inline
export function emptyLanes(op: Fold): v128 {
  if (op == Fold.MAX) return f32x4.splat(-Infinity);
  if (op == Fold.MAX_I32) return i32x4.splat(i32.MIN_VALUE);
  return i32x4.splat(0);
}

@inline
export function fold(op: Fold, a: v128, b: v128): v128 {
  if (op == Fold.SUM) return f32x4.add(a, b);
  if (op == Fold.MAX) return f32x4.max(a, b);
  if (op == Fold.SUM_I32) return i32x4.add(a, b);
  return i32x4.max_s(a, b);
}

/** Folds the four lanes into the first. */
@inline
function foldLanes(op: Fold, x: v128): v128 {
  const pairs = fold(op, x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return fold(op, pairs, i8x16.shuffle(pairs, pairs, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
}

/** Folds `count` (0 to 3) further elements in. */
@inline
function foldPart(op: Fold, lanes: v128, at: usize, count: i32): v128 {
  return count ? fold(op, lanes, v128.bitselect(loadPart(at, count), emptyLanes(op), firstLanes(count))) : lanes;
}

/** Folds `count` elements into the first lane. */
@inline
export function foldRow(op: Fold, x: usize, count: i32): v128 {
  let lanes = emptyLanes(op);
  if (count >= 16) {
    let b = lanes, c = lanes, d = lanes;
    for (const end = x + ((count & ~15) << 2); x < end; x += 64) {
      lanes = fold(op, lanes, v128.load(x));
      b = fold(op, b, v128.load(x, 16));
      c = fold(op, c, v128.load(x, 32));
      d = fold(op, d, v128.load(x, 48));
    }
    lanes = fold(op, fold(op, lanes, b), fold(op, c, d));
    count &= 15;
  }
  for (; count >= 4; count -= 4, x += 16) lanes = fold(op, lanes, v128.load(x));
  return foldLanes(op, foldPart(op, lanes, x, count));
}
