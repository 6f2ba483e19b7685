import { madd } from '../math/madd';
import { startBias, startC } from './panelRows';

/** `C [2, 8·panels] = A [2, k] · panels`: two panels at a time, where one would leave half of the registers unused. */
export function panelsTwoRows(
  a: usize, lda: usize, panel: usize, k: i32, panels: i32, c: usize, ldc: usize, start: i32, bias: usize,
): void {
  const bytes = <usize>k << 5;
  for (; panels > 0; panels -= 2) {
    // A last panel without a second one stands in for it.
    const next = panels > 1 ? bytes : 0, far: usize = panels > 1 ? 32 : 0;
    const d = c + ldc;
    let p = panel, q = panel + next, a0 = a, a1 = a + lda;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    if (start == startC) {
      s0 = v128.load(c); s1 = v128.load(c, 16); s2 = v128.load(c + far); s3 = v128.load(c + far, 16);
      t0 = v128.load(d); t1 = v128.load(d, 16); t2 = v128.load(d + far); t3 = v128.load(d + far, 16);
    } else if (start == startBias) {
      s0 = v128.load(bias); s1 = v128.load(bias, 16); s2 = v128.load(bias + far); s3 = v128.load(bias + far, 16);
      t0 = s0; t1 = s1; t2 = s2; t3 = s3;
    }
    let left = k;
    while (true) {
      const b0 = v128.load(p), b1 = v128.load(p, 16), b2 = v128.load(q), b3 = v128.load(q, 16);
      const x = v128.load32_splat(a0), y = v128.load32_splat(a1);
      s0 = madd(x, b0, s0); s1 = madd(x, b1, s1); s2 = madd(x, b2, s2); s3 = madd(x, b3, s3);
      t0 = madd(y, b0, t0); t1 = madd(y, b1, t1); t2 = madd(y, b2, t2); t3 = madd(y, b3, t3);
      if (--left == 0) break;
      const d0 = v128.load(p, 32), d1 = v128.load(p, 48), d2 = v128.load(q, 32), d3 = v128.load(q, 48);
      const v = v128.load32_splat(a0, 4), w = v128.load32_splat(a1, 4);
      s0 = madd(v, d0, s0); s1 = madd(v, d1, s1); s2 = madd(v, d2, s2); s3 = madd(v, d3, s3);
      t0 = madd(w, d0, t0); t1 = madd(w, d1, t1); t2 = madd(w, d2, t2); t3 = madd(w, d3, t3);
      if (--left == 0) break;
      p += 64; q += 64; a0 += 8; a1 += 8;
    }
    v128.store(c, s0); v128.store(c, s1, 16); v128.store(c + far, s2); v128.store(c + far, s3, 16);
    v128.store(d, t0); v128.store(d, t1, 16); v128.store(d + far, t2); v128.store(d + far, t3, 16);
    c += 64;
    bias += 64;
    panel += 2 * bytes;
  }
}
