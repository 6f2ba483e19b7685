import { madd } from '../math/madd';
import { sumLanes4 } from '../task/transpose4';
import { startBias, startC } from './panelRows';

/**
 * `y[n] = B[n, k] · x[k]`, each row of B read once, where it stands: the product of a single row with a transposed matrix.
 * Sums start as `start` says; `ldb` is in bytes; k ≥ 0.
 */
export function dotRows(x: usize, b: usize, ldb: usize, k: i32, n: i32, y: usize, start: i32, bias: usize): void {
  const vectors = k >> 2;
  const tail = <usize>(k & ~3) << 2;
  const end = <usize>k << 2;
  for (; n > 0; n -= 4) {
    const b1 = n > 1 ? b + ldb : b;
    const b2 = n > 2 ? b1 + ldb : b1;
    const b3 = n > 3 ? b2 + ldb : b2;
    let p0 = b, p1 = b1, p2 = b2, p3 = b3, px = x;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    let left = vectors;
    while (left > 0) {
      const v = v128.load(px);
      s0 = madd(v, v128.load(p0), s0);
      s1 = madd(v, v128.load(p1), s1);
      s2 = madd(v, v128.load(p2), s2);
      s3 = madd(v, v128.load(p3), s3);
      if (--left == 0) break;
      const w = v128.load(px, 16);
      t0 = madd(w, v128.load(p0, 16), t0);
      t1 = madd(w, v128.load(p1, 16), t1);
      t2 = madd(w, v128.load(p2, 16), t2);
      t3 = madd(w, v128.load(p3, 16), t3);
      --left;
      px += 32;
      p0 += 32; p1 += 32; p2 += 32; p3 += 32;
    }
    let sums = sumLanes4(f32x4.add(s0, t0), f32x4.add(s1, t1), f32x4.add(s2, t2), f32x4.add(s3, t3));
    for (let at = tail; at < end; at += 4) {
      let column = v128.load32_splat(b + at);
      column = v128.load_lane<f32>(b1 + at, column, 1);
      column = v128.load_lane<f32>(b2 + at, column, 2);
      column = v128.load_lane<f32>(b3 + at, column, 3);
      sums = madd(v128.load32_splat(x + at), column, sums);
    }
    if (n >= 4) {
      if (start == startC) sums = f32x4.add(sums, v128.load(y));
      else if (start == startBias) sums = f32x4.add(sums, v128.load(bias));
      v128.store(y, sums);
    } else {
      for (let j = 0; j < n; j++) {
        let sum = f32x4.extract_lane(sums, 0);
        if (start == startC) sum += load<f32>(y);
        else if (start == startBias) sum += load<f32>(bias);
        store<f32>(y, sum);
        y += 4;
        bias += 4;
        sums = v128.shuffle<f32>(sums, sums, 1, 2, 3, 0);
      }
    }
    b = b3 + ldb;
    y += 16;
    bias += 16;
  }
}
