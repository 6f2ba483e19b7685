import { madd } from '../math/madd';
import { lanesLeft, put, putPair, take } from '../task/lanes';
import { startBias, startC } from './panelRows';

/** Columns whose sums fit into scratch of `fringeBytes`. */
const columnsAtOnce: i32 = 1024;

/**
 * As `combineRows`, for rows so far apart that walking down a few columns of all of them finds none of them near: four rows at a time,
 * each read from end to end, added to sums in the scratch `sums`. Four products are added up before they meet the sum.
 */
export function combineFarRows(
  x: usize, b: usize, ldb: usize, k: i32, n: i32, y: usize, start: i32, bias: usize, sums: usize,
): void {
  for (; n > 0; n -= columnsAtOnce) {
    const bytes = <usize>min(n, columnsAtOnce) << 2;
    // Up to three lanes more than there are columns, for a whole vector.
    const whole = (bytes + 15) & ~15;
    const zero = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) v128.store(sums + at, zero);
    let row = b, px = x, left = k;
    for (; left >= 4; left -= 4, row += 4 * ldb, px += 16) addFourRows(px, row, ldb, bytes, sums);
    for (; left > 0; left--, row += ldb, px += 4) addRow(px, row, bytes, sums);
    finish(y, sums, bytes, start, bias);
    b += bytes;
    y += bytes;
    bias += bytes;
  }
}

function addFourRows(x: usize, b: usize, ldb: usize, bytes: usize, sums: usize): void {
  const b1 = b + ldb, b2 = b1 + ldb, b3 = b2 + ldb;
  const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x, 4), x2 = v128.load32_splat(x, 8), x3 = v128.load32_splat(x, 12);
  const pairs = bytes & ~31;
  for (let at: usize = 0; at < pairs; at += 32) {
    let s0 = f32x4.mul(x0, v128.load(b + at)), s1 = f32x4.mul(x0, v128.load(b + at, 16));
    s0 = madd(x1, v128.load(b1 + at), s0); s1 = madd(x1, v128.load(b1 + at, 16), s1);
    s0 = madd(x2, v128.load(b2 + at), s0); s1 = madd(x2, v128.load(b2 + at, 16), s1);
    s0 = madd(x3, v128.load(b3 + at), s0); s1 = madd(x3, v128.load(b3 + at, 16), s1);
    putPair(sums + at, f32x4.add(v128.load(sums + at), s0), f32x4.add(v128.load(sums + at, 16), s1));
  }
  for (let at = pairs; at < bytes; at += 16) {
    const count = lanesLeft(at, bytes);
    let s = f32x4.mul(x0, take(b + at, count));
    s = madd(x1, take(b1 + at, count), s);
    s = madd(x2, take(b2 + at, count), s);
    s = madd(x3, take(b3 + at, count), s);
    v128.store(sums + at, f32x4.add(v128.load(sums + at), s));
  }
}

function addRow(x: usize, b: usize, bytes: usize, sums: usize): void {
  const v = v128.load32_splat(x);
  for (let at: usize = 0; at < bytes; at += 16) {
    const count = lanesLeft(at, bytes);
    v128.store(sums + at, madd(v, take(b + at, count), v128.load(sums + at)));
  }
}

/** Sums, with what they start from, to where they belong. */
function finish(y: usize, sums: usize, bytes: usize, start: i32, bias: usize): void {
  const more = start == startC ? y : bias;
  for (let at: usize = 0; at < bytes; at += 16) {
    const count = lanesLeft(at, bytes);
    const sum = v128.load(sums + at);
    put(y + at, start == startC || start == startBias ? f32x4.add(sum, take(more + at, count)) : sum, count);
  }
}
