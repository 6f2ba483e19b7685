import { panelFour } from './panelFour';
import { panelSix } from './panelSix';
import { panelTwo } from './panelTwo';

/** Columns of a packed panel of B, and bytes of one step of k in it. */
export const panelWidth: i32 = 16;
export const panelBytes: usize = 64;

/**
 * Where a tile's sums start: at zero, at what C holds, or at the bias of their column. What C holds is added at the end: a long
 * sum that is taken in blocks adds up the blocks' own sums, which are about as large as each other.
 */
export const startZero: i32 = 0;
export const startC: i32 = 1;
export const startBias: i32 = 2;

/**
 * `C[rows, 16] = A[rows, k] · panel[k, 16]`, A read where it stands; k ≥ 1, leading dimensions in bytes, sums start as `start`
 * says, from the bias `from`. In the wide build they start at the sixteen floats there in any case: `panelInto` sees to what these are, and
 * to what C holds.
 */
export function panelRows(a: usize, lda: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, from: usize): void {
  if (TILE_ROWS == 4) {
    const sixes = rowsBySix(rows), fours = (rows - sixes) & ~3;
    panelSix(a, lda, 4, 6 * lda, sixes, panel, k, c, ldc, from);
    a += <usize>sixes * lda;
    c += <usize>sixes * ldc;
    panelFour(a, lda, 4, 4 * lda, fours, panel, k, c, ldc, from);
    a += <usize>fours * lda;
    c += <usize>fours * ldc;
    rows -= sixes + fours;
  }
  panelTwo<f32>(a, lda, 2 * lda, rows, panel, k, c, ldc, start, from);
}

/** How many of `rows` rows go by six: as many as leave none, one, or what goes by four, if there are enough. */
export function rowsBySix(rows: i32): i32 {
  const left = rows % 6;
  return (left == 2 || left == 3) && rows > 6 ? rows - left - 6 : rows - left;
}
