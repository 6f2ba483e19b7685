import { madd } from '../math/madd';
import { combineFarRows } from './combineFarRows';
import { startBias, startC } from './panelRows';

/**
 * Rows this far apart, and as many bytes from the first to the last, go one after another: measured, it is faster from there on in every
 * build. It depends on the matrix only, not on how many of its columns a part has.
 */
const farRow: usize = 1024;
const farBytes: u64 = 1 << 19;

/**
 * `y[n] = Σ x[k] · B[k, n]`, B read once, where it stands: the product of a single row with a plain matrix.
 * Sums start as `start` says; `ldb` is in bytes; k ≥ 0; `scratch` is that of `multiplyBlocked`.
 */
export function combineRows(
  x: usize, b: usize, ldb: usize, k: i32, n: i32, y: usize, start: i32, bias: usize, scratch: usize,
): void {
  if (ldb >= farRow && <u64>k * <u64>ldb >= farBytes) return combineFarRows(x, b, ldb, k, n, y, start, bias, scratch);
  for (; n >= 16; n -= 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    if (start == startBias) {
      s0 = v128.load(bias); s1 = v128.load(bias, 16); s2 = v128.load(bias, 32); s3 = v128.load(bias, 48);
    }
    let p = b, px = x;
    let left = k;
    while (left > 0) {
      const v = v128.load32_splat(px);
      s0 = madd(v, v128.load(p), s0);
      s1 = madd(v, v128.load(p, 16), s1);
      s2 = madd(v, v128.load(p, 32), s2);
      s3 = madd(v, v128.load(p, 48), s3);
      if (--left == 0) break;
      p += ldb;
      const w = v128.load32_splat(px, 4);
      t0 = madd(w, v128.load(p), t0);
      t1 = madd(w, v128.load(p, 16), t1);
      t2 = madd(w, v128.load(p, 32), t2);
      t3 = madd(w, v128.load(p, 48), t3);
      --left;
      p += ldb;
      px += 8;
    }
    s0 = f32x4.add(s0, t0); s1 = f32x4.add(s1, t1); s2 = f32x4.add(s2, t2); s3 = f32x4.add(s3, t3);
    if (start == startC) {
      s0 = f32x4.add(s0, v128.load(y)); s1 = f32x4.add(s1, v128.load(y, 16));
      s2 = f32x4.add(s2, v128.load(y, 32)); s3 = f32x4.add(s3, v128.load(y, 48));
    }
    v128.store(y, s0); v128.store(y, s1, 16); v128.store(y, s2, 32); v128.store(y, s3, 48);
    b += 64; y += 64; bias += 64;
  }
  for (; n >= 4; n -= 4) {
    let s = start == startBias ? v128.load(bias) : f32x4.splat(0);
    for (let i = 0, p = b; i < k; i++, p += ldb) s = madd(v128.load32_splat(x + (<usize>i << 2)), v128.load(p), s);
    v128.store(y, start == startC ? f32x4.add(s, v128.load(y)) : s);
    b += 16; y += 16; bias += 16;
  }
  for (; n > 0; n--) {
    let s: f32 = start == startBias ? load<f32>(bias) : 0;
    for (let i = 0, p = b; i < k; i++, p += ldb) s += load<f32>(x + (<usize>i << 2)) * load<f32>(p);
    store<f32>(y, start == startC ? s + load<f32>(y) : s);
    b += 4; y += 4; bias += 4;
  }
}
