import { madd } from '../math/madd';
import { panelFour } from './panelFour';

/** Columns of a packed panel of B, and bytes of one step of k in it. */
export const panelWidth: i32 = 16;
export const panelBytes: usize = 64;

/** Where a tile's sums start: at zero, at what C holds, or at the bias of their column. */
export const startZero: i32 = 0;
export const startC: i32 = 1;
export const startBias: i32 = 2;

/**
 * `C[rows, 16] = A[rows, k] · panel[k, 16]`, two rows at a time, A read where it stands; k ≥ 1, leading dimensions in bytes,
 * sums start as `start` says.
 *
 * Where one row is left, it stands in for the second one too. The exits inside the loop keep the loads of one k apart from the
 * next one's, without which engines run out of registers.
 */
export function panelRows(a: usize, lda: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  if (TILE_ROWS == 4) {
    const whole = rows & ~3;
    panelFour(a, lda, 4, 4 * lda, whole, panel, k, c, ldc, start, bias);
    a += <usize>whole * lda;
    c += <usize>whole * ldc;
    rows -= whole;
  }
  for (; rows > 0; rows -= 2) {
    const d = rows > 1 ? c + ldc : c;
    let b = panel, a0 = a, a1 = rows > 1 ? a + lda : a;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    if (start == startC) {
      s0 = v128.load(c); s1 = v128.load(c, 16); s2 = v128.load(c, 32); s3 = v128.load(c, 48);
      t0 = v128.load(d); t1 = v128.load(d, 16); t2 = v128.load(d, 32); t3 = v128.load(d, 48);
    } else if (start == startBias) {
      s0 = v128.load(bias); s1 = v128.load(bias, 16); s2 = v128.load(bias, 32); s3 = v128.load(bias, 48);
      t0 = s0; t1 = s1; t2 = s2; t3 = s3;
    }
    let left = k;
    while (true) {
      const p0 = v128.load(b), p1 = v128.load(b, 16), p2 = v128.load(b, 32), p3 = v128.load(b, 48);
      const x0 = v128.load32_splat(a0), y0 = v128.load32_splat(a1);
      s0 = madd(x0, p0, s0); s1 = madd(x0, p1, s1); s2 = madd(x0, p2, s2); s3 = madd(x0, p3, s3);
      t0 = madd(y0, p0, t0); t1 = madd(y0, p1, t1); t2 = madd(y0, p2, t2); t3 = madd(y0, p3, t3);
      if (--left == 0) break;
      const q0 = v128.load(b, 64), q1 = v128.load(b, 80), q2 = v128.load(b, 96), q3 = v128.load(b, 112);
      const x1 = v128.load32_splat(a0, 4), y1 = v128.load32_splat(a1, 4);
      s0 = madd(x1, q0, s0); s1 = madd(x1, q1, s1); s2 = madd(x1, q2, s2); s3 = madd(x1, q3, s3);
      t0 = madd(y1, q0, t0); t1 = madd(y1, q1, t1); t2 = madd(y1, q2, t2); t3 = madd(y1, q3, t3);
      if (--left == 0) break;
      const u0 = v128.load(b, 128), u1 = v128.load(b, 144), u2 = v128.load(b, 160), u3 = v128.load(b, 176);
      const x2 = v128.load32_splat(a0, 8), y2 = v128.load32_splat(a1, 8);
      s0 = madd(x2, u0, s0); s1 = madd(x2, u1, s1); s2 = madd(x2, u2, s2); s3 = madd(x2, u3, s3);
      t0 = madd(y2, u0, t0); t1 = madd(y2, u1, t1); t2 = madd(y2, u2, t2); t3 = madd(y2, u3, t3);
      if (--left == 0) break;
      const v0 = v128.load(b, 192), v1 = v128.load(b, 208), v2 = v128.load(b, 224), v3 = v128.load(b, 240);
      const x3 = v128.load32_splat(a0, 12), y3 = v128.load32_splat(a1, 12);
      s0 = madd(x3, v0, s0); s1 = madd(x3, v1, s1); s2 = madd(x3, v2, s2); s3 = madd(x3, v3, s3);
      t0 = madd(y3, v0, t0); t1 = madd(y3, v1, t1); t2 = madd(y3, v2, t2); t3 = madd(y3, v3, t3);
      if (--left == 0) break;
      b += 256; a0 += 16; a1 += 16;
    }
    v128.store(c, s0); v128.store(c, s1, 16); v128.store(c, s2, 32); v128.store(c, s3, 48);
    v128.store(d, t0); v128.store(d, t1, 16); v128.store(d, t2, 32); v128.store(d, t3, 48);
    a += 2 * lda;
    c += 2 * ldc;
  }
}
