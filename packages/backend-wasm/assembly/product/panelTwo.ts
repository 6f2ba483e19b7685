import { madd } from '../math/madd';
import { startBias, startC } from './panelRows';

/**
 * As `panelRows`, two rows at a time. Elements of A are as far apart as a `Step` is long, so that distances are part of the
 * instructions: with f32 A stands in rows, `row` bytes apart; with f64 in pairs, the second row's element beside the first's. The
 * next two rows are `next` bytes on.
 *
 * Where one row is left, it stands in for the second one too. The exits inside the loop keep the loads of one k apart from the
 * next one's, without which engines run out of registers.
 */
export function panelTwo<Step>(
  a: usize, row: usize, next: usize, rows: i32, panel: usize, k: i32,
  c: usize, ldc: usize, start: i32, from: usize,
): void {
  const paired = sizeof<Step>() == 8;
  for (; rows > 0; rows -= 2) {
    const d = rows > 1 ? c + ldc : c;
    let b = panel, a0 = a, a1 = rows > 1 ? a + row : a;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    if (TILE_ROWS == 4 || start == startBias) {
      s0 = v128.load(from); s1 = v128.load(from, 16); s2 = v128.load(from, 32); s3 = v128.load(from, 48);
      t0 = s0; t1 = s1; t2 = s2; t3 = s3;
    }
    let left = k;
    while (true) {
      const p0 = v128.load(b), p1 = v128.load(b, 16), p2 = v128.load(b, 32), p3 = v128.load(b, 48);
      const x0 = v128.load32_splat(a0), y0 = paired ? v128.load32_splat(a0, 4) : v128.load32_splat(a1);
      s0 = madd(x0, p0, s0); s1 = madd(x0, p1, s1); s2 = madd(x0, p2, s2); s3 = madd(x0, p3, s3);
      t0 = madd(y0, p0, t0); t1 = madd(y0, p1, t1); t2 = madd(y0, p2, t2); t3 = madd(y0, p3, t3);
      if (--left == 0) break;
      const q0 = v128.load(b, 64), q1 = v128.load(b, 80), q2 = v128.load(b, 96), q3 = v128.load(b, 112);
      const x1 = v128.load32_splat(a0, sizeof<Step>()), y1 = paired ? v128.load32_splat(a0, 12) : v128.load32_splat(a1, 4);
      s0 = madd(x1, q0, s0); s1 = madd(x1, q1, s1); s2 = madd(x1, q2, s2); s3 = madd(x1, q3, s3);
      t0 = madd(y1, q0, t0); t1 = madd(y1, q1, t1); t2 = madd(y1, q2, t2); t3 = madd(y1, q3, t3);
      if (--left == 0) break;
      const u0 = v128.load(b, 128), u1 = v128.load(b, 144), u2 = v128.load(b, 160), u3 = v128.load(b, 176);
      const x2 = v128.load32_splat(a0, 2 * sizeof<Step>()), y2 = paired ? v128.load32_splat(a0, 20) : v128.load32_splat(a1, 8);
      s0 = madd(x2, u0, s0); s1 = madd(x2, u1, s1); s2 = madd(x2, u2, s2); s3 = madd(x2, u3, s3);
      t0 = madd(y2, u0, t0); t1 = madd(y2, u1, t1); t2 = madd(y2, u2, t2); t3 = madd(y2, u3, t3);
      if (--left == 0) break;
      const v0 = v128.load(b, 192), v1 = v128.load(b, 208), v2 = v128.load(b, 224), v3 = v128.load(b, 240);
      const x3 = v128.load32_splat(a0, 3 * sizeof<Step>()), y3 = paired ? v128.load32_splat(a0, 28) : v128.load32_splat(a1, 12);
      s0 = madd(x3, v0, s0); s1 = madd(x3, v1, s1); s2 = madd(x3, v2, s2); s3 = madd(x3, v3, s3);
      t0 = madd(y3, v0, t0); t1 = madd(y3, v1, t1); t2 = madd(y3, v2, t2); t3 = madd(y3, v3, t3);
      if (--left == 0) break;
      b += 256; a0 += 4 * sizeof<Step>(); a1 += 16;
    }
    if (TILE_ROWS == 2 && start == startC) {
      s0 = f32x4.add(s0, v128.load(c)); s1 = f32x4.add(s1, v128.load(c, 16));
      s2 = f32x4.add(s2, v128.load(c, 32)); s3 = f32x4.add(s3, v128.load(c, 48));
      t0 = f32x4.add(t0, v128.load(d)); t1 = f32x4.add(t1, v128.load(d, 16));
      t2 = f32x4.add(t2, v128.load(d, 32)); t3 = f32x4.add(t3, v128.load(d, 48));
    }
    v128.store(c, s0); v128.store(c, s1, 16); v128.store(c, s2, 32); v128.store(c, s3, 48);
    v128.store(d, t0); v128.store(d, t1, 16); v128.store(d, t2, 32); v128.store(d, t3, 48);
    a += next;
    c += 2 * ldc;
  }
}
