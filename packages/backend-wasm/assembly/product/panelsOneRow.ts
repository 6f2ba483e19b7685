import { madd } from '../math/madd';
import { fourPanelsOneRow } from './fourPanelsOneRow';
import { addPanel, clear } from './panelInto';
import { panelBytes, startBias, startC } from './panelRows';

/** `y [16·panels] = x [k] · panels`, a single row; sums start as `start` says, `fringe` is scratch as `panelInto` wants it. */
export function panelsOneRow(
  x: usize, panel: usize, k: i32, panels: i32, y: usize, start: i32, bias: usize, fringe: usize,
): void {
  if (TILE_ROWS == 4) {
    const four = 4 * panelBytes, sums = fringe + four;
    if (start != startBias) clear(fringe, 4);
    for (; panels >= 4; panels -= 4) {
      fourPanelsOneRow(x, panel, k, start == startC ? sums : y, start == startBias ? bias : fringe);
      if (start == startC) addPanel(y, panelBytes, sums, 4);
      panel += <usize>k * four;
      y += four;
      bias += four;
    }
  }
  twoPanels(x, panel, k, panels, y, start, bias);
}

/**
 * The same, two panels at a time, to have enough sums under way.
 *
 * A last panel without a second one stands in for it. The exit that is never taken keeps the loads of one panel apart from
 * those of the other, as the exits in `panelRows` do.
 */
function twoPanels(x: usize, panel: usize, k: i32, panels: i32, y: usize, start: i32, bias: usize): void {
  const bytes = <usize>k << 6;
  for (; panels > 0; panels -= 2) {
    const z = panels > 1 ? y + 64 : y;
    let p = panel, q = panels > 1 ? panel + bytes : panel, a = x;
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    if (start == startBias) {
      const far = panels > 1 ? bias + 64 : bias;
      s0 = v128.load(bias); s1 = v128.load(bias, 16); s2 = v128.load(bias, 32); s3 = v128.load(bias, 48);
      t0 = v128.load(far); t1 = v128.load(far, 16); t2 = v128.load(far, 32); t3 = v128.load(far, 48);
    }
    let left = k;
    while (true) {
      const v = v128.load32_splat(a);
      s0 = madd(v, v128.load(p), s0); s1 = madd(v, v128.load(p, 16), s1);
      s2 = madd(v, v128.load(p, 32), s2); s3 = madd(v, v128.load(p, 48), s3);
      if (left < 0) break;
      t0 = madd(v, v128.load(q), t0); t1 = madd(v, v128.load(q, 16), t1);
      t2 = madd(v, v128.load(q, 32), t2); t3 = madd(v, v128.load(q, 48), t3);
      if (--left == 0) break;
      const w = v128.load32_splat(a, 4);
      s0 = madd(w, v128.load(p, 64), s0); s1 = madd(w, v128.load(p, 80), s1);
      s2 = madd(w, v128.load(p, 96), s2); s3 = madd(w, v128.load(p, 112), s3);
      if (left < 0) break;
      t0 = madd(w, v128.load(q, 64), t0); t1 = madd(w, v128.load(q, 80), t1);
      t2 = madd(w, v128.load(q, 96), t2); t3 = madd(w, v128.load(q, 112), t3);
      if (--left == 0) break;
      a += 8; p += 128; q += 128;
    }
    if (start == startC) {
      s0 = f32x4.add(s0, v128.load(y)); s1 = f32x4.add(s1, v128.load(y, 16));
      s2 = f32x4.add(s2, v128.load(y, 32)); s3 = f32x4.add(s3, v128.load(y, 48));
      t0 = f32x4.add(t0, v128.load(z)); t1 = f32x4.add(t1, v128.load(z, 16));
      t2 = f32x4.add(t2, v128.load(z, 32)); t3 = f32x4.add(t3, v128.load(z, 48));
    }
    v128.store(y, s0); v128.store(y, s1, 16); v128.store(y, s2, 32); v128.store(y, s3, 48);
    v128.store(z, t0); v128.store(z, t1, 16); v128.store(z, t2, 32); v128.store(z, t3, 48);
    y += 128;
    bias += 128;
    panel += 2 * bytes;
  }
}
