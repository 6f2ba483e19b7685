// Sums of 16 neighbouring columns at once, so that each row that is touched gives a whole cache line.

/** Rows that are added up in f32. */
export const enum Block {
  ROWS = 32,
}

/** Lanes 2 and 3 in lanes 0 and 1. */
@inline
function highHalf(x: v128): v128 {
  return i64x2.splat(i64x2.extract_lane(x, 1));
}

/** Two pairs of f64 as four f32. */
@inline
function join(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** Adds up 16 columns of `length` rows, `stride` bytes apart: blocks of rows in f32, the blocks in f64. */
export function sumBlock(x: usize, length: i32, stride: usize, out: usize): void {
  let low0 = f64x2.splat(0), low1 = low0, low2 = low0, low3 = low0;
  let high0 = low0, high1 = low0, high2 = low0, high3 = low0;
  for (let row = 0; row < length; ) {
    const end = min(row + Block.ROWS, length);
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (; row < end; row++, x += stride) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    low0 = f64x2.add(low0, f64x2.promote_low_f32x4(a));
    low1 = f64x2.add(low1, f64x2.promote_low_f32x4(b));
    low2 = f64x2.add(low2, f64x2.promote_low_f32x4(c));
    low3 = f64x2.add(low3, f64x2.promote_low_f32x4(d));
    high0 = f64x2.add(high0, f64x2.promote_low_f32x4(highHalf(a)));
    high1 = f64x2.add(high1, f64x2.promote_low_f32x4(highHalf(b)));
    high2 = f64x2.add(high2, f64x2.promote_low_f32x4(highHalf(c)));
    high3 = f64x2.add(high3, f64x2.promote_low_f32x4(highHalf(d)));
  }
  v128.store(out, join(low0, high0));
  v128.store(out, join(low1, high1), 16);
  v128.store(out, join(low2, high2), 32);
  v128.store(out, join(low3, high3), 48);
}
