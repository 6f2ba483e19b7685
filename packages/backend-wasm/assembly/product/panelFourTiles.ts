import { madd } from '../math/madd';
import { startBias, startC } from './panelRows';

/** As `panelTiles`, four rows at a time. */
export function panelFourTiles(tiles: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  for (; rows > 0; rows -= 4) {
    const c0 = c;
    const c1 = rows > 1 ? c0 + ldc : c0;
    const c2 = rows > 2 ? c1 + ldc : c1;
    const c3 = rows > 3 ? c2 + ldc : c2;
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    if (start == startC) {
      s00 = v128.load(c0); s01 = v128.load(c0, 16);
      s10 = v128.load(c1); s11 = v128.load(c1, 16);
      s20 = v128.load(c2); s21 = v128.load(c2, 16);
      s30 = v128.load(c3); s31 = v128.load(c3, 16);
    } else if (start == startBias) {
      s00 = v128.load(bias); s01 = v128.load(bias, 16);
      s10 = s00; s20 = s00; s30 = s00;
      s11 = s01; s21 = s01; s31 = s01;
    }
    let a = tiles, b = panel;
    let left = k;
    while (true) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      const x0 = v128.load32_splat(a), x1 = v128.load32_splat(a, 4), x2 = v128.load32_splat(a, 8), x3 = v128.load32_splat(a, 12);
      s00 = madd(x0, b0, s00); s01 = madd(x0, b1, s01);
      s10 = madd(x1, b0, s10); s11 = madd(x1, b1, s11);
      s20 = madd(x2, b0, s20); s21 = madd(x2, b1, s21);
      s30 = madd(x3, b0, s30); s31 = madd(x3, b1, s31);
      if (--left == 0) break;
      const d0 = v128.load(b, 32), d1 = v128.load(b, 48);
      const y0 = v128.load32_splat(a, 16), y1 = v128.load32_splat(a, 20), y2 = v128.load32_splat(a, 24), y3 = v128.load32_splat(a, 28);
      s00 = madd(y0, d0, s00); s01 = madd(y0, d1, s01);
      s10 = madd(y1, d0, s10); s11 = madd(y1, d1, s11);
      s20 = madd(y2, d0, s20); s21 = madd(y2, d1, s21);
      s30 = madd(y3, d0, s30); s31 = madd(y3, d1, s31);
      if (--left == 0) break;
      b += 64;
      a += 32;
    }
    v128.store(c0, s00); v128.store(c0, s01, 16);
    v128.store(c1, s10); v128.store(c1, s11, 16);
    v128.store(c2, s20); v128.store(c2, s21, 16);
    v128.store(c3, s30); v128.store(c3, s31, 16);
    tiles += <usize>k << 4;
    c += 4 * ldc;
  }
}
