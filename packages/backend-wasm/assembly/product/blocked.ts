import { floatBytes } from '../task/bytes';
import { multiplyPacked, pack, packedBytes, panelCount } from './packed';
import { packPanel, packPanelTransposed } from './packPanel';
import { fringeBytes, panelInto, rowsAtOnce } from './panelInto';
import { panelBytes, panelWidth, startC } from './panelRows';
import { packTiles } from './panelTiles';

/** Columns of B packed at a time, and steps of k: what is packed stays small, however long the sum. */
const columnsAtOnce: i32 = 512;
const stepsAtOnce: i32 = 8192;
/** Where A is transposed: steps of k packed at a time. */
const tileSteps: i32 = 256;

/** Bytes of scratch of `multiplyBlocked`. */
export function blockedBytes(transposedA: bool, m: i32, n: i32, k: i32): u64 {
  const columns = min(n, columnsAtOnce);
  if (!transposedA) return fringeBytes + packedBytes(min(k, stepsAtOnce), columns);
  const steps = min(k, tileSteps);
  return fringeBytes + packedBytes(steps, columns) + floatBytes(steps, (min(m, rowsAtOnce) + 1) & ~1);
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
      multiplyPlain(transposedB, m, columns, k, a, lda, bColumns, ldb, c + offset, ldc, start, bias + offset, scratch);
    }
  }
}

/** The same with A stored `[m, k]`, for at most `columnsAtOnce` columns: B is packed, A is read where it stands. */
function multiplyPlain(
  transposedB: bool, m: i32, n: i32, k: i32, a: usize, lda: usize, b: usize, ldb: usize,
  c: usize, ldc: usize, start: i32, bias: usize, scratch: usize,
): void {
  const packed = scratch + fringeBytes;
  const panels = panelCount(n);
  for (let step = 0; step < k; step += stepsAtOnce) {
    const steps = min(stepsAtOnce, k - step);
    pack(packed, transposedB ? b + (<usize>step << 2) : b + <usize>step * ldb, ldb, transposedB, steps, n, 0, panels);
    const first = step == 0 ? start : startC;
    multiplyPacked(a + (<usize>step << 2), lda, 0, m, 1, packed, steps, n, c, ldc, 0, first, bias, 0, panels, scratch);
  }
}

/** The same with A stored `[k, m]`, for at most `columnsAtOnce` columns: k is cut into blocks, both operands are packed. */
function multiplyTransposed(
  transposedB: bool, m: i32, n: i32, k: i32, a: usize, lda: usize, b: usize, ldb: usize,
  c: usize, ldc: usize, start: i32, bias: usize, scratch: usize,
): void {
  const panels = panelCount(n);
  const packed = scratch + fringeBytes;
  const tiles = packed + <usize>packedBytes(min(k, tileSteps), n);
  for (let step = 0; step < k; step += tileSteps) {
    const steps = min(tileSteps, k - step);
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
  for (; n > 0; n -= panelWidth) {
    panelInto(true, tiles, 0, rows, packed, k, c, ldc, n, start, bias, fringe);
    packed += <usize>k * panelBytes;
    c += panelBytes;
    bias += panelBytes;
  }
}
