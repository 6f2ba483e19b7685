import { copyRows } from './copyRows';
import { pack, panelCount, multiplyPacked, packedBytes, fringeBytes } from './packed';
import { packPanel, packPanelTransposed } from './packPanel';
import { panelBytes, panelWidth, startBias, startC } from './panelRows';
import { packTiles, panelTiles } from './panelTiles';

/** Columns of B packed at a time, steps of k packed at a time where A is transposed, and rows of A packed with them. */
const columnsAtOnce: i32 = 512;
const stepsAtOnce: i32 = 256;
const rowsAtOnce: i32 = 64;

/** Bytes of scratch of `multiplyBlocked`. */
export function blockedBytes(transposedA: bool, m: i32, n: i32, k: i32): usize {
  const columns = min(n, columnsAtOnce);
  if (!transposedA) return fringeBytes + packedBytes(k, columns);
  const steps = <usize>min(k, stepsAtOnce);
  return fringeBytes + steps * <usize>panelCount(columns) * panelBytes + steps * <usize>((min(m, rowsAtOnce) + 1) & ~1) * 4;
}

/** `C [m, n] = op(A) op(B)` through packed panels, k ≥ 1; leading dimensions in bytes, sums start as `start` says. */
export function multiplyBlocked(
  transposedA: bool, transposedB: bool, m: i32, n: i32, k: i32, a: usize, lda: usize, b: usize, ldb: usize,
  c: usize, ldc: usize, start: i32, bias: usize, scratch: usize,
): void {
  for (let column = 0; column < n; column += columnsAtOnce) {
    const columns = min(columnsAtOnce, n - column);
    const offset = <usize>column << 2;
    const bColumns = transposedB ? b + <usize>column * ldb : b + offset;
    if (transposedA) {
      multiplyTransposed(transposedB, m, columns, k, a, lda, bColumns, ldb, c + offset, ldc, start, bias + offset, scratch);
    } else {
      const packed = scratch + fringeBytes;
      const panels = panelCount(columns);
      pack(packed, bColumns, ldb, transposedB, k, columns, 0, panels);
      multiplyPacked(
        a, lda, 0, m, 1, packed, k, columns, c + offset, ldc, 0, start, bias + offset, 0, panels, scratch,
      );
    }
  }
}

/** The same with A stored `[k, m]`, for at most `columnsAtOnce` columns: k is cut into blocks, both operands are packed. */
function multiplyTransposed(
  transposedB: bool, m: i32, n: i32, k: i32, a: usize, lda: usize, b: usize, ldb: usize,
  c: usize, ldc: usize, start: i32, bias: usize, scratch: usize,
): void {
  const panels = panelCount(n);
  const packed = scratch + fringeBytes;
  const tiles = packed + <usize>min(k, stepsAtOnce) * <usize>panels * panelBytes;
  for (let step = 0; step < k; step += stepsAtOnce) {
    const steps = min(stepsAtOnce, k - step);
    const first = step == 0 ? start : startC;
    const bytes = <usize>steps * panelBytes;
    for (let panel = 0; panel < panels; panel++) {
      const column = <usize>panel * panelWidth;
      const columns = min(panelWidth, n - panel * panelWidth);
      const at = packed + <usize>panel * bytes;
      if (transposedB) packPanelTransposed(at, b + column * ldb + (<usize>step << 2), ldb, steps, columns);
      else packPanel(at, b + <usize>step * ldb + (column << 2), ldb, steps, columns);
    }
    for (let row = 0; row < m; row += rowsAtOnce) {
      const rows = min(rowsAtOnce, m - row);
      packTiles(tiles, a + <usize>step * lda + (<usize>row << 2), lda, steps, rows);
      multiplyTiles(tiles, rows, packed, steps, n, c + <usize>row * ldc, ldc, first, bias, scratch);
    }
  }
}

/** `C [rows, n]` from packed rows and packed columns of one block of k; `fringe` is scratch of `fringeBytes`. */
export function multiplyTiles(
  tiles: usize, rows: i32, packed: usize, k: i32, n: i32, c: usize, ldc: usize, start: i32, bias: usize, fringe: usize,
): void {
  for (; n >= panelWidth; n -= panelWidth) {
    panelTiles(tiles, rows, packed, k, c, ldc, start, bias);
    packed += <usize>k * panelBytes;
    c += panelBytes;
    bias += panelBytes;
  }
  if (n == 0) return;
  const bytes = <usize>n << 2;
  const sums = fringe + panelBytes;
  if (start == startC) copyRows(sums, panelBytes, c, ldc, rows, bytes);
  else if (start == startBias) copyRows(fringe, panelBytes, bias, 0, 1, bytes);
  panelTiles(tiles, rows, packed, k, sums, panelBytes, start, fringe);
  copyRows(c, ldc, sums, panelBytes, rows, bytes);
}
