import { madd } from '../math/madd';
import { startBias, startC } from './panelRows';

/** As `panelTiles`, six rows at a time; `rows` is a multiple of six. */
export function panelSixTiles(tiles: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  for (; rows > 0; rows -= 6) {
    let a = tiles;
    const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc, c4 = c3 + ldc, c5 = c4 + ldc;
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00;
    let s30 = s00, s31 = s00, s40 = s00, s41 = s00, s50 = s00, s51 = s00;
    if (start == startC) {
      s00 = v128.load(c); s01 = v128.load(c, 16);
      s10 = v128.load(c1); s11 = v128.load(c1, 16);
      s20 = v128.load(c2); s21 = v128.load(c2, 16);
      s30 = v128.load(c3); s31 = v128.load(c3, 16);
      s40 = v128.load(c4); s41 = v128.load(c4, 16);
      s50 = v128.load(c5); s51 = v128.load(c5, 16);
    } else if (start == startBias) {
      s00 = v128.load(bias); s01 = v128.load(bias, 16);
      s10 = s00; s20 = s00; s30 = s00; s40 = s00; s50 = s00;
      s11 = s01; s21 = s01; s31 = s01; s41 = s01; s51 = s01;
    }
    let b = panel;
    let left = k;
    while (true) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      s00 = madd(x, b0, s00); s01 = madd(x, b1, s01);
      x = v128.load32_splat(a, 4);
      s10 = madd(x, b0, s10); s11 = madd(x, b1, s11);
      x = v128.load32_splat(a, 8);
      s20 = madd(x, b0, s20); s21 = madd(x, b1, s21);
      x = v128.load32_splat(a, 12);
      s30 = madd(x, b0, s30); s31 = madd(x, b1, s31);
      x = v128.load32_splat(a, 16);
      s40 = madd(x, b0, s40); s41 = madd(x, b1, s41);
      x = v128.load32_splat(a, 20);
      s50 = madd(x, b0, s50); s51 = madd(x, b1, s51);
      if (--left == 0) break;
      const d0 = v128.load(b, 32), d1 = v128.load(b, 48);
      x = v128.load32_splat(a, 24);
      s00 = madd(x, d0, s00); s01 = madd(x, d1, s01);
      x = v128.load32_splat(a, 28);
      s10 = madd(x, d0, s10); s11 = madd(x, d1, s11);
      x = v128.load32_splat(a, 32);
      s20 = madd(x, d0, s20); s21 = madd(x, d1, s21);
      x = v128.load32_splat(a, 36);
      s30 = madd(x, d0, s30); s31 = madd(x, d1, s31);
      x = v128.load32_splat(a, 40);
      s40 = madd(x, d0, s40); s41 = madd(x, d1, s41);
      x = v128.load32_splat(a, 44);
      s50 = madd(x, d0, s50); s51 = madd(x, d1, s51);
      if (--left == 0) break;
      b += 64;
      a += 48;
    }
    v128.store(c, s00); v128.store(c, s01, 16);
    v128.store(c1, s10); v128.store(c1, s11, 16);
    v128.store(c2, s20); v128.store(c2, s21, 16);
    v128.store(c3, s30); v128.store(c3, s31, 16);
    v128.store(c4, s40); v128.store(c4, s41, 16);
    v128.store(c5, s50); v128.store(c5, s51, 16);
    tiles += <usize>k * 24;
    c = c5 + ldc;
  }
}
