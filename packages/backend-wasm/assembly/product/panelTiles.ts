import { madd } from '../math/madd';
import { panelFour } from './panelFour';
import { startBias, startC } from './panelRows';

/**
 * Packs `rows` rows of A, stored `[k, m]`, from `a` on, as tiles `[k, TILE_ROWS]`; what four do not divide, as
 * tiles `[k, 2]`, and a last row stands in for a missing one.
 */
export function packTiles(tiles: usize, a: usize, lda: usize, k: i32, rows: i32): void {
  if (TILE_ROWS == 4) {
    for (; rows >= 4; rows -= 4) {
      for (let i = 0, p = a; i < k; i++, p += lda) {
        v128.store(tiles, v128.load(p));
        tiles += 16;
      }
      a += 16;
    }
  }
  for (; rows >= 2; rows -= 2) {
    for (let i = 0, p = a; i < k; i++, p += lda) {
      store<u64>(tiles, load<u64>(p));
      tiles += 8;
    }
    a += 8;
  }
  if (rows == 0) return;
  for (let i = 0; i < k; i++, a += lda) {
    store<u32>(tiles, load<u32>(a));
    store<u32>(tiles, load<u32>(a), 4);
    tiles += 8;
  }
}

/** `C[rows, 16] = tiles · panel[k, 16]`, A packed by `packTiles`; otherwise as `panelRows`. */
export function panelTiles(tiles: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  if (TILE_ROWS == 4) {
    const whole = rows & ~3;
    panelFour(tiles, 4, 16, <usize>k << 4, whole, panel, k, c, ldc, start, bias);
    tiles += <usize>whole * <usize>k << 2;
    c += <usize>whole * ldc;
    rows -= whole;
  }
  for (; rows > 0; rows -= 2) {
    const d = rows > 1 ? c + ldc : c;
    let b = panel, a = tiles;
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
      const x0 = v128.load32_splat(a), y0 = v128.load32_splat(a, 4);
      s0 = madd(x0, p0, s0); s1 = madd(x0, p1, s1); s2 = madd(x0, p2, s2); s3 = madd(x0, p3, s3);
      t0 = madd(y0, p0, t0); t1 = madd(y0, p1, t1); t2 = madd(y0, p2, t2); t3 = madd(y0, p3, t3);
      if (--left == 0) break;
      const q0 = v128.load(b, 64), q1 = v128.load(b, 80), q2 = v128.load(b, 96), q3 = v128.load(b, 112);
      const x1 = v128.load32_splat(a, 8), y1 = v128.load32_splat(a, 12);
      s0 = madd(x1, q0, s0); s1 = madd(x1, q1, s1); s2 = madd(x1, q2, s2); s3 = madd(x1, q3, s3);
      t0 = madd(y1, q0, t0); t1 = madd(y1, q1, t1); t2 = madd(y1, q2, t2); t3 = madd(y1, q3, t3);
      if (--left == 0) break;
      const u0 = v128.load(b, 128), u1 = v128.load(b, 144), u2 = v128.load(b, 160), u3 = v128.load(b, 176);
      const x2 = v128.load32_splat(a, 16), y2 = v128.load32_splat(a, 20);
      s0 = madd(x2, u0, s0); s1 = madd(x2, u1, s1); s2 = madd(x2, u2, s2); s3 = madd(x2, u3, s3);
      t0 = madd(y2, u0, t0); t1 = madd(y2, u1, t1); t2 = madd(y2, u2, t2); t3 = madd(y2, u3, t3);
      if (--left == 0) break;
      const v0 = v128.load(b, 192), v1 = v128.load(b, 208), v2 = v128.load(b, 224), v3 = v128.load(b, 240);
      const x3 = v128.load32_splat(a, 24), y3 = v128.load32_splat(a, 28);
      s0 = madd(x3, v0, s0); s1 = madd(x3, v1, s1); s2 = madd(x3, v2, s2); s3 = madd(x3, v3, s3);
      t0 = madd(y3, v0, t0); t1 = madd(y3, v1, t1); t2 = madd(y3, v2, t2); t3 = madd(y3, v3, t3);
      if (--left == 0) break;
      b += 256; a += 32;
    }
    v128.store(c, s0); v128.store(c, s1, 16); v128.store(c, s2, 32); v128.store(c, s3, 48);
    v128.store(d, t0); v128.store(d, t1, 16); v128.store(d, t2, 32); v128.store(d, t3, 48);
    tiles += <usize>k << 3;
    c += 2 * ldc;
  }
}
