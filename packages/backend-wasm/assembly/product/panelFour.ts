// For the wide build: the engine joins two vectors of four lanes that lie beside each other into one of eight. What it joins must
// be written plainly: a loop without exits inside, and stores side by side.
import { madd } from '../math/madd';
import { panelBytes, startBias, startC } from './panelRows';

/**
 * As `panelRows`, four rows at a time, for a number of rows that four divides. Four rows of A are `row` bytes apart, their elements
 * `step` bytes, and the next four rows `next` bytes on.
 */
export function panelFour(
  a: usize, row: usize, step: usize, next: usize, rows: i32, panel: usize, k: i32,
  c: usize, ldc: usize, start: i32, bias: usize,
): void {
  for (; rows > 0; rows -= 4) {
    const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc, a1 = a + row, a2 = a1 + row, a3 = a2 + row;
    const zero = f32x4.splat(0);
    let s00 = zero, s01 = zero, s02 = zero, s03 = zero;
    let s10 = zero, s11 = zero, s12 = zero, s13 = zero;
    let s20 = zero, s21 = zero, s22 = zero, s23 = zero;
    let s30 = zero, s31 = zero, s32 = zero, s33 = zero;
    if (start == startBias) {
      s00 = v128.load(bias); s01 = v128.load(bias, 16); s02 = v128.load(bias, 32); s03 = v128.load(bias, 48);
      s10 = s00; s11 = s01; s12 = s02; s13 = s03;
      s20 = s00; s21 = s01; s22 = s02; s23 = s03;
      s30 = s00; s31 = s01; s32 = s02; s33 = s03;
    }
    let b = panel;
    for (let at: usize = 0, end = <usize>k * step; at < end; at += step, b += panelBytes) {
      const p0 = v128.load(b), p1 = v128.load(b, 16), p2 = v128.load(b, 32), p3 = v128.load(b, 48);
      const x0 = v128.load32_splat(a + at);
      s00 = madd(x0, p0, s00); s01 = madd(x0, p1, s01); s02 = madd(x0, p2, s02); s03 = madd(x0, p3, s03);
      const x1 = v128.load32_splat(a1 + at);
      s10 = madd(x1, p0, s10); s11 = madd(x1, p1, s11); s12 = madd(x1, p2, s12); s13 = madd(x1, p3, s13);
      const x2 = v128.load32_splat(a2 + at);
      s20 = madd(x2, p0, s20); s21 = madd(x2, p1, s21); s22 = madd(x2, p2, s22); s23 = madd(x2, p3, s23);
      const x3 = v128.load32_splat(a3 + at);
      s30 = madd(x3, p0, s30); s31 = madd(x3, p1, s31); s32 = madd(x3, p2, s32); s33 = madd(x3, p3, s33);
    }
    if (start == startC) {
      s00 = f32x4.add(s00, v128.load(c)); s01 = f32x4.add(s01, v128.load(c, 16));
      s02 = f32x4.add(s02, v128.load(c, 32)); s03 = f32x4.add(s03, v128.load(c, 48));
      s10 = f32x4.add(s10, v128.load(c1)); s11 = f32x4.add(s11, v128.load(c1, 16));
      s12 = f32x4.add(s12, v128.load(c1, 32)); s13 = f32x4.add(s13, v128.load(c1, 48));
      s20 = f32x4.add(s20, v128.load(c2)); s21 = f32x4.add(s21, v128.load(c2, 16));
      s22 = f32x4.add(s22, v128.load(c2, 32)); s23 = f32x4.add(s23, v128.load(c2, 48));
      s30 = f32x4.add(s30, v128.load(c3)); s31 = f32x4.add(s31, v128.load(c3, 16));
      s32 = f32x4.add(s32, v128.load(c3, 32)); s33 = f32x4.add(s33, v128.load(c3, 48));
    }
    v128.store(c, s00); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
    v128.store(c1, s10); v128.store(c1, s11, 16); v128.store(c1, s12, 32); v128.store(c1, s13, 48);
    v128.store(c2, s20); v128.store(c2, s21, 16); v128.store(c2, s22, 32); v128.store(c2, s23, 48);
    v128.store(c3, s30); v128.store(c3, s31, 16); v128.store(c3, s32, 32); v128.store(c3, s33, 48);
    a += next;
    c += 4 * ldc;
  }
}
