import { panelFour } from './panelFour';
import { panelTwo } from './panelTwo';

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
  panelTwo<f64>(tiles, 0, <usize>k << 3, rows, panel, k, c, ldc, start, bias);
}
