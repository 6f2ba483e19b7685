import { panelFour } from './panelFour';
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
 * says.
 */
export function panelRows(a: usize, lda: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  if (TILE_ROWS == 4) {
    const whole = rows & ~3;
    panelFour(a, lda, 4, 4 * lda, whole, panel, k, c, ldc, start, bias);
    a += <usize>whole * lda;
    c += <usize>whole * ldc;
    rows -= whole;
  }
  panelTwo<f32>(a, lda, 2 * lda, rows, panel, k, c, ldc, start, bias);
}
