import { panelFourTiles } from './panelFourTiles';
import { panelSixTiles } from './panelSixTiles';
import { rowsInWideTiles } from './wideTiles';

/**
 * Packs `rows` rows of A, stored `[k, m]`, from `a` on, as tiles `[k, 6]` and `[k, 4]`; the last row stands in for
 * missing ones.
 */
export function packTiles(tiles: usize, a: usize, lda: usize, k: i32, rows: i32): void {
  const wide = rowsInWideTiles(rows);
  for (let row = 0; row < wide; row += 6) {
    for (let i = 0, p = a; i < k; i++, p += lda) {
      v128.store(tiles, v128.load(p));
      store<u64>(tiles + 16, load<u64>(p + 16));
      tiles += 24;
    }
    a += 24;
  }
  rows -= wide;
  for (; rows >= 4; rows -= 4) {
    for (let i = 0, p = a; i < k; i++, p += lda) {
      v128.store(tiles, v128.load(p));
      tiles += 16;
    }
    a += 16;
  }
  if (rows == 0) return;
  for (let i = 0; i < k; i++, a += lda) {
    for (let j = 0; j < 4; j++) store<f32>(tiles + (<usize>j << 2), load<f32>(a + (<usize>min(j, rows - 1) << 2)));
    tiles += 16;
  }
}

/** `C[rows, 8] = tiles · panel[k, 8]`, A packed by `packTiles`; otherwise as `panelRows`. */
export function panelTiles(tiles: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  const wide = rowsInWideTiles(rows);
  if (wide > 0) panelSixTiles(tiles, wide, panel, k, c, ldc, start, bias);
  const after = <usize>wide;
  panelFourTiles(tiles + ((after * <usize>k) << 2), rows - wide, panel, k, c + after * ldc, ldc, start, bias);
}
