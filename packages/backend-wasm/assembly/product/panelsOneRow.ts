import { madd } from '../math/madd';
import { startBias, startC } from './panelRows';

/**
 * `y [8·panels] = x [k] · panels`, a single row: four panels at a time, to have enough sums under way.
 *
 * Where fewer than four panels are left, the last one stands in for the missing ones. The exit that is never taken keeps the
 * loads of two panels apart from those of the other two, as the exits in `panelFourRows` do.
 */
export function panelsOneRow(x: usize, panel: usize, k: i32, panels: i32, y: usize, start: i32, bias: usize): void {
  const bytes = <usize>k << 5;
  for (; panels > 0; panels -= 4) {
    const second: usize = panels > 1 ? 1 : 0, third: usize = panels > 2 ? 2 : second, fourth: usize = panels > 3 ? 3 : third;
    const y1 = y + second * 32, y2 = y + third * 32, y3 = y + fourth * 32;
    let p0 = panel, p1 = panel + second * bytes, p2 = panel + third * bytes, p3 = panel + fourth * bytes, a = x;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    if (start == startC) {
      s0 = v128.load(y); s1 = v128.load(y, 16); s2 = v128.load(y1); s3 = v128.load(y1, 16);
      s4 = v128.load(y2); s5 = v128.load(y2, 16); s6 = v128.load(y3); s7 = v128.load(y3, 16);
    } else if (start == startBias) {
      const d1 = bias + second * 32, d2 = bias + third * 32, d3 = bias + fourth * 32;
      s0 = v128.load(bias); s1 = v128.load(bias, 16); s2 = v128.load(d1); s3 = v128.load(d1, 16);
      s4 = v128.load(d2); s5 = v128.load(d2, 16); s6 = v128.load(d3); s7 = v128.load(d3, 16);
    }
    let left = k;
    while (true) {
      const v = v128.load32_splat(a);
      s0 = madd(v, v128.load(p0), s0); s1 = madd(v, v128.load(p0, 16), s1);
      s2 = madd(v, v128.load(p1), s2); s3 = madd(v, v128.load(p1, 16), s3);
      if (left < 0) break;
      s4 = madd(v, v128.load(p2), s4); s5 = madd(v, v128.load(p2, 16), s5);
      s6 = madd(v, v128.load(p3), s6); s7 = madd(v, v128.load(p3, 16), s7);
      if (--left == 0) break;
      const w = v128.load32_splat(a, 4);
      s0 = madd(w, v128.load(p0, 32), s0); s1 = madd(w, v128.load(p0, 48), s1);
      s2 = madd(w, v128.load(p1, 32), s2); s3 = madd(w, v128.load(p1, 48), s3);
      if (left < 0) break;
      s4 = madd(w, v128.load(p2, 32), s4); s5 = madd(w, v128.load(p2, 48), s5);
      s6 = madd(w, v128.load(p3, 32), s6); s7 = madd(w, v128.load(p3, 48), s7);
      if (--left == 0) break;
      a += 8; p0 += 64; p1 += 64; p2 += 64; p3 += 64;
    }
    v128.store(y, s0); v128.store(y, s1, 16); v128.store(y1, s2); v128.store(y1, s3, 16);
    v128.store(y2, s4); v128.store(y2, s5, 16); v128.store(y3, s6); v128.store(y3, s7, 16);
    y += 128;
    bias += 128;
    panel += 4 * bytes;
  }
}
