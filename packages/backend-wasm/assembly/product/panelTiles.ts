import { panelFour } from './panelFour';
import { rowsBySix } from './panelRows';
import { panelSix } from './panelSix';
import { panelTwo } from './panelTwo';

/**
 * Packs `rows` rows of A, stored `[k, m]`, from `a` on, as tiles `[k, 2]`, and a last row stands in for a missing one; in the wide build
 * as tiles `[k, 6]` and `[k, 4]` before these, as `panelRows` takes them.
 */
export function packTiles(tiles: usize, a: usize, lda: usize, k: i32, rows: i32): void {
  if (TILE_ROWS == 4) {
    const sixes = rowsBySix(rows);
    for (let row = 0; row < sixes; row += 6, a += 24) {
      for (let i = 0, p = a; i < k; i++, p += lda, tiles += 24) {
        v128.store(tiles, v128.load(p));
        store<u64>(tiles, load<u64>(p, 16), 16);
      }
    }
    for (rows -= sixes; rows >= 4; rows -= 4, a += 16) {
      for (let i = 0, p = a; i < k; i++, p += lda, tiles += 16) v128.store(tiles, v128.load(p));
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
export function panelTiles(tiles: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, from: usize): void {
  if (TILE_ROWS == 4) {
    const sixes = rowsBySix(rows), fours = (rows - sixes) & ~3;
    panelSix(tiles, 4, 24, <usize>k * 24, sixes, panel, k, c, ldc, from);
    tiles += <usize>sixes * <usize>k << 2;
    c += <usize>sixes * ldc;
    panelFour(tiles, 4, 16, <usize>k << 4, fours, panel, k, c, ldc, from);
    tiles += <usize>fours * <usize>k << 2;
    c += <usize>fours * ldc;
    rows -= sixes + fours;
  }
  panelTwo<f64>(tiles, 0, <usize>k << 3, rows, panel, k, c, ldc, start, from);
}
