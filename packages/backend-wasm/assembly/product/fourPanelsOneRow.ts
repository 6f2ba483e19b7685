import { madd } from '../math/madd';
import { panelBytes } from './panelRows';

/**
 * `y [64] = x [k] · four panels`, for the wide build, as `panelSix` is: the sums of a single row start at the 64 floats at `from`.
 */
export function fourPanelsOneRow(x: usize, panel: usize, k: i32, y: usize, from: usize): void {
  const bytes = <usize>k * panelBytes;
  const panel1 = panel + bytes, panel2 = panel1 + bytes, panel3 = panel2 + bytes;
  let s00 = v128.load(from), s01 = v128.load(from, 16), s02 = v128.load(from, 32), s03 = v128.load(from, 48);
  let s10 = v128.load(from, 64), s11 = v128.load(from, 80), s12 = v128.load(from, 96), s13 = v128.load(from, 112);
  let s20 = v128.load(from, 128), s21 = v128.load(from, 144), s22 = v128.load(from, 160), s23 = v128.load(from, 176);
  let s30 = v128.load(from, 192), s31 = v128.load(from, 208), s32 = v128.load(from, 224), s33 = v128.load(from, 240);
  for (let at: usize = 0; at < bytes; at += panelBytes, x += 4) {
    const v = v128.load32_splat(x);
    s00 = madd(v, v128.load(panel + at), s00); s01 = madd(v, v128.load(panel + at, 16), s01);
    s02 = madd(v, v128.load(panel + at, 32), s02); s03 = madd(v, v128.load(panel + at, 48), s03);
    s10 = madd(v, v128.load(panel1 + at), s10); s11 = madd(v, v128.load(panel1 + at, 16), s11);
    s12 = madd(v, v128.load(panel1 + at, 32), s12); s13 = madd(v, v128.load(panel1 + at, 48), s13);
    s20 = madd(v, v128.load(panel2 + at), s20); s21 = madd(v, v128.load(panel2 + at, 16), s21);
    s22 = madd(v, v128.load(panel2 + at, 32), s22); s23 = madd(v, v128.load(panel2 + at, 48), s23);
    s30 = madd(v, v128.load(panel3 + at), s30); s31 = madd(v, v128.load(panel3 + at, 16), s31);
    s32 = madd(v, v128.load(panel3 + at, 32), s32); s33 = madd(v, v128.load(panel3 + at, 48), s33);
  }
  v128.store(y, s00); v128.store(y, s01, 16); v128.store(y, s02, 32); v128.store(y, s03, 48);
  v128.store(y, s10, 64); v128.store(y, s11, 80); v128.store(y, s12, 96); v128.store(y, s13, 112);
  v128.store(y, s20, 128); v128.store(y, s21, 144); v128.store(y, s22, 160); v128.store(y, s23, 176);
  v128.store(y, s30, 192); v128.store(y, s31, 208); v128.store(y, s32, 224); v128.store(y, s33, 240);
}
