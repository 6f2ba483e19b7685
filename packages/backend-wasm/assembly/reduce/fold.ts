// What each reduction does to its running lanes. `op` is a constant wherever this is used, so one branch remains.

import { loadPart } from '../task/lanes';

// @ts-ignore: decorator
@inline export const SUM = 0;
// @ts-ignore: decorator
@inline export const MAX = 1;
// @ts-ignore: decorator
@inline export const SUM_I32 = 2;
// @ts-ignore: decorator
@inline export const MAX_I32 = 3;

/** The lanes to begin with. */
// @ts-ignore: decorator
@inline
export function emptyLanes(op: i32): v128 {
  if (op == MAX) return f32x4.splat(-Infinity);
  if (op == MAX_I32) return i32x4.splat(i32.MIN_VALUE);
  return i32x4.splat(0);
}

// @ts-ignore: decorator
@inline
export function fold(op: i32, a: v128, b: v128): v128 {
  if (op == SUM) return f32x4.add(a, b);
  if (op == MAX) return f32x4.max(a, b);
  if (op == SUM_I32) return i32x4.add(a, b);
  return i32x4.max_s(a, b);
}

/** Folds the four lanes into the first. */
// @ts-ignore: decorator
@inline
export function foldLanes(op: i32, x: v128): v128 {
  const pairs = fold(op, x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return fold(op, pairs, i8x16.shuffle(pairs, pairs, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
}

/** Folds `count` (0 to 3) further elements in. */
// @ts-ignore: decorator
@inline
export function foldPart(op: i32, lanes: v128, at: usize, count: i32): v128 {
  const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
  return count ? fold(op, lanes, v128.bitselect(loadPart(at, count), emptyLanes(op), inside)) : lanes;
}
