import { panelFourRows } from './panelFourRows';
import { panelSixRows } from './panelSixRows';
import { rowsInWideTiles } from './wideTiles';

/** Columns of a packed panel of B. */
export const panelWidth: i32 = 8;

/** Where a tile's sums start: at zero, at what C holds, or at the bias of their column. */
export const startZero: i32 = 0;
export const startC: i32 = 1;
export const startBias: i32 = 2;

/** `C[rows, 8] = A[rows, k] · panel[k, 8]`, A read where it stands; k ≥ 1, leading dimensions in bytes, sums start as `start` says. */
export function panelRows(a: usize, lda: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  const wide = rowsInWideTiles(rows);
  if (wide > 0) panelSixRows(a, lda, wide, panel, k, c, ldc, start, bias);
  panelFourRows(a + <usize>wide * lda, lda, rows - wide, panel, k, c + <usize>wide * ldc, ldc, start, bias);
}
