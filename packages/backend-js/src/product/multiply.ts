import type { TypedArray } from '@tempograd/core/backend';
import type { Workspace } from '../workspace.js';
import { tile1x4, tile2x4, tileColumns, tileRows } from './kernel.js';
import { multiplyOuter } from './multiplyOuter.js';
import { multiplyRow } from './multiplyRow.js';
import { packColumns, packRows, packedSize, paddedColumns, type MatrixView, type PackedColumns } from './pack.js';

/** Length of the stretches of k that are worked off at a time: a panel of each factor then stays in the first-level cache. */
const depth = 256;

/** Rows of the result worked off at a time: their panels and results then stay in the second-level cache. */
const blockRows = 64;

/** `c += a·b`: c is `[rows, paddedColumns(n)]`, its last columns padding. */
export function addPackedProduct(rows: Float64Array, count: number, b: PackedColumns, c: Float64Array): void {
  const { panels, k, n } = b;
  const stride = paddedColumns(n);
  for (let p = 0; p < k; p += depth) {
    const length = Math.min(depth, k - p);
    for (let column = 0; column < n; column += tileColumns) {
      const s = column * k + p * tileColumns;
      let row = 0;
      for (; row + 1 < count; row += tileRows) {
        tile2x4(rows, row * k + p * tileRows, panels, s, length, c, row * stride + column, stride);
      }
      if (row < count) tile1x4(rows, row * k + p, panels, s, length, c, row * stride + column);
    }
  }
}

/** Packs a whole right factor `[k, n]` into the workspace; it holds until the next call. */
export function packWhole(workspace: Workspace, b: MatrixView, k: number, n: number): PackedColumns {
  const packed = { panels: workspace.take('columns', packedSize(k, n)), k, n };
  packColumns(b, packed, 0, k);
  return packed;
}

/** `out [m, n] = a·b (+ bias)` for a `[m, k]` and a packed `[k, n]`, out row-major from `start`; accumulated in f64. */
export function multiplyPacked(
  workspace: Workspace,
  a: MatrixView,
  b: PackedColumns,
  m: number,
  out: TypedArray,
  start: number,
  bias: ArrayLike<number> | null = null,
): void {
  const { k, n } = b;
  const stride = paddedColumns(n);
  const height = Math.min(m, blockRows);
  const rows = workspace.take('rows', height * k);
  const block = workspace.take('block', height * stride);
  for (let first = 0; first < m; first += blockRows) {
    const count = Math.min(blockRows, m - first);
    packRows(a, first, count, k, rows);
    block.fill(0, 0, count * stride);
    addPackedProduct(rows, count, b, block);
    let o = start + first * n;
    for (let row = 0; row < count; row++) {
      const from = row * stride;
      if (bias === null) for (let j = 0; j < n; j++) out[o++] = block[from + j]!;
      else for (let j = 0; j < n; j++) out[o++] = block[from + j]! + bias[j]!;
    }
  }
}

/** `out [m, n] = a [m, k] · b [k, n] (+ bias)`. */
export function multiply(
  workspace: Workspace,
  a: MatrixView,
  b: MatrixView,
  size: { readonly m: number; readonly n: number; readonly k: number },
  out: TypedArray,
  start: number = 0,
  bias: ArrayLike<number> | null = null,
): void {
  const { m, n, k } = size;
  if (m === 1) multiplyRow(a, b, n, k, out, start, bias);
  else if (k === 1) multiplyOuter(a, b, m, n, out, start, bias);
  else multiplyPacked(workspace, a, packWhole(workspace, b, k, n), m, out, start, bias);
}
