// For the wide build: the engine joins two vectors of four lanes that lie beside each other into one of eight. What it joins must
// be written plainly: a loop without exits inside, stores side by side, and nothing that depends on a condition before the loop or
// after it, or the last pair of sums stays two. So sums start at a row of memory, and what C holds is added by someone else.
import { madd } from '../math/madd';
import { panelBytes } from './panelRows';

/**
 * As `panelRows`, six rows at a time, for a number of rows that six divides: twelve joined sums are under way, where eight only just
 * keep the multipliers busy, and fifteen registers hold them, a step of the panel and an element of A. Six rows of A are `row` bytes
 * apart, their elements `step` bytes, and the next six rows `next` bytes on.
 */
export function panelSix(
  a: usize, row: usize, step: usize, next: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, from: usize,
): void {
  for (; rows > 0; rows -= 6) {
    const a1 = a + row, a2 = a1 + row, a3 = a2 + row, a4 = a3 + row, a5 = a4 + row;
    const c1 = c + ldc, c2 = c1 + ldc, c3 = c2 + ldc, c4 = c3 + ldc, c5 = c4 + ldc;
    let s00 = v128.load(from), s01 = v128.load(from, 16), s02 = v128.load(from, 32), s03 = v128.load(from, 48);
    let s10 = s00, s11 = s01, s12 = s02, s13 = s03;
    let s20 = s00, s21 = s01, s22 = s02, s23 = s03;
    let s30 = s00, s31 = s01, s32 = s02, s33 = s03;
    let s40 = s00, s41 = s01, s42 = s02, s43 = s03;
    let s50 = s00, s51 = s01, s52 = s02, s53 = s03;
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
      const x4 = v128.load32_splat(a4 + at);
      s40 = madd(x4, p0, s40); s41 = madd(x4, p1, s41); s42 = madd(x4, p2, s42); s43 = madd(x4, p3, s43);
      const x5 = v128.load32_splat(a5 + at);
      s50 = madd(x5, p0, s50); s51 = madd(x5, p1, s51); s52 = madd(x5, p2, s52); s53 = madd(x5, p3, s53);
    }
    v128.store(c, s00); v128.store(c, s01, 16); v128.store(c, s02, 32); v128.store(c, s03, 48);
    v128.store(c1, s10); v128.store(c1, s11, 16); v128.store(c1, s12, 32); v128.store(c1, s13, 48);
    v128.store(c2, s20); v128.store(c2, s21, 16); v128.store(c2, s22, 32); v128.store(c2, s23, 48);
    v128.store(c3, s30); v128.store(c3, s31, 16); v128.store(c3, s32, 32); v128.store(c3, s33, 48);
    v128.store(c4, s40); v128.store(c4, s41, 16); v128.store(c4, s42, 32); v128.store(c4, s43, 48);
    v128.store(c5, s50); v128.store(c5, s51, 16); v128.store(c5, s52, 32); v128.store(c5, s53, 48);
    a += next;
    c += 6 * ldc;
  }
}
