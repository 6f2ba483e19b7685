// What each reduction does to its running lanes. `op` is a constant wherever this is used, so one branch remains.

import { loadPart } from '../task/lanes';

/** What a reduction folds with; i32 stands apart. */
export const enum Fold {
  SUM,
  MAX,
  SUM_I32,
  MAX_I32,
}

/** The lanes to begin with. */
@inline
export function emptyLanes(op: i32): v128 {
  if (op == Fold.MAX) return f32x4.splat(-Infinity);
  if (op == Fold.MAX_I32) return i32x4.splat(i32.MIN_VALUE);
  return i32x4.splat(0);
}

@inline
export function fold(op: i32, a: v128, b: v128): v128 {
  if (op == Fold.SUM) return f32x4.add(a, b);
  if (op == Fold.MAX) return f32x4.max(a, b);
  if (op == Fold.SUM_I32) return i32x4.add(a, b);
  return i32x4.max_s(a, b);
}

/** Folds the four lanes into the first. */
@inline
export function foldLanes(op: i32, x: v128): v128 {
  const pairs = fold(op, x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return fold(op, pairs, i8x16.shuffle(pairs, pairs, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
}

/** Folds `count` (0 to 3) further elements in. */
@inline
export function foldPart(op: i32, lanes: v128, at: usize, count: i32): v128 {
  const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  return count ? fold(op, lanes, v128.bitselect(loadPart(at, count), emptyLanes(op), inside)) : lanes;
}
