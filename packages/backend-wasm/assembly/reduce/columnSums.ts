// Sums of columns whose error does not grow with the number of rows: blocks of rows in f32, the blocks in f64.

import { put, take } from '../task/lanes';

/** Rows that are added up in f32. */
const blockRows: i32 = 32;

/** Sums of `columns` columns of a matrix of `rows` rows, `step` bytes apart: stored at `sums`, or added to what is there. */
export function columnSums(matrix: usize, step: usize, rows: i32, columns: i32, sums: usize, add: bool): void {
  // Sixteen at once, so that each row that is touched gives a whole cache line.
  for (; columns >= 16; columns -= 16) {
    if (rows > blockRows) sumSixteen(matrix, step, rows, sums, add);
    else sumBlock(matrix, step, rows, sums, add);
    matrix += 64;
    sums += 64;
  }
  for (; columns > 0; columns -= 4) {
    finish(sumFour(matrix, step, rows, min(columns, 4)), sums, min(columns, 4), add);
    matrix += 16;
    sums += 16;
  }
}

/** Sixteen columns of one block. */
function sumBlock(x: usize, step: usize, rows: i32, sums: usize, add: bool): void {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (; rows > 0; rows--, x += step) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
  }
  finish(a, sums, 4, add);
  finish(b, sums + 16, 4, add);
  finish(c, sums + 32, 4, add);
  finish(d, sums + 48, 4, add);
}

/** Sixteen columns of many blocks. */
function sumSixteen(x: usize, step: usize, rows: i32, sums: usize, add: bool): void {
  let low0 = f64x2.splat(0), low1 = low0, low2 = low0, low3 = low0;
  let high0 = low0, high1 = low0, high2 = low0, high3 = low0;
  for (; rows > 0; rows -= blockRows) {
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (let row = min(rows, blockRows); row > 0; row--, x += step) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    low0 = addLow(low0, a); high0 = addHigh(high0, a);
    low1 = addLow(low1, b); high1 = addHigh(high1, b);
    low2 = addLow(low2, c); high2 = addHigh(high2, c);
    low3 = addLow(low3, d); high3 = addHigh(high3, d);
  }
  finish(join(low0, high0), sums, 4, add);
  finish(join(low1, high1), sums + 16, 4, add);
  finish(join(low2, high2), sums + 32, 4, add);
  finish(join(low3, high3), sums + 48, 4, add);
}

/** `count` (1 to 4) columns. */
function sumFour(x: usize, step: usize, rows: i32, count: i32): v128 {
  let low = f64x2.splat(0), high = low;
  for (; rows > 0; rows -= blockRows) {
    let sum = f32x4.splat(0);
    for (let row = min(rows, blockRows); row > 0; row--, x += step) sum = f32x4.add(sum, take(x, count));
    low = addLow(low, sum);
    high = addHigh(high, sum);
  }
  return join(low, high);
}

/** Adds lanes 0 and 1 to two f64. */
@inline
function addLow(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.promote_low_f32x4(x));
}

/** Adds lanes 2 and 3. */
@inline
function addHigh(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.promote_low_f32x4(i64x2.splat(i64x2.extract_lane(x, 1))));
}

/** Two pairs of f64 as four f32. */
@inline
function join(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

@inline
function finish(sum: v128, at: usize, count: i32, add: bool): void {
  put(at, add ? f32x4.add(sum, take(at, count)) : sum, count);
}
