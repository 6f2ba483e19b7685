import type { TypedArray } from '@tempograd/core/backend';
import { tileColumns } from './kernel.js';

/** A matrix inside a tensor's storage: element `(i, j)` is `data[offset + i·rowStride + j·columnStride]`. */
export interface MatrixView {
  readonly data: TypedArray;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** The left factor's rows `first … first + count − 1`, `[count, k]`, as panels of two rows: p runs, in it the two rows. An odd last row is a panel of its own. */
export function packRows(a: MatrixView, first: number, count: number, k: number, panels: Float64Array): void {
  const { data, rowStride, columnStride } = a;
  let o = 0;
  let row = 0;
  for (; row + 1 < count; row += 2) {
    let i = a.offset + (first + row) * rowStride;
    for (let p = 0; p < k; p++, i += columnStride) {
      panels[o++] = data[i]!;
      panels[o++] = data[i + rowStride]!;
    }
  }
  if (row === count) return;
  let i = a.offset + (first + row) * rowStride;
  for (let p = 0; p < k; p++, i += columnStride) panels[o++] = data[i]!;
}

/** The right factor `[k, n]` as panels of four columns: p runs, in it the four columns; the last panel is filled up with zeros. */
export interface PackedColumns {
  readonly panels: Float64Array;
  readonly k: number;
  readonly n: number;
}

/** Elements of the panels of a `[k, n]` right factor. */
export function packedSize(k: number, n: number): number {
  return k * paddedColumns(n);
}

/** `n` rounded up to whole tiles. */
export function paddedColumns(n: number): number {
  return Math.ceil(n / tileColumns) * tileColumns;
}

/**
 * Packs `count` rows of b, `[count, n]`, as rows `first …` of a right factor with k rows in all.
 * Rows whose entry in `keep` is 0 become zeros whatever b holds there, NaN included.
 */
export function packColumns(
  b: MatrixView,
  target: PackedColumns,
  first: number,
  count: number,
  keep: Int32Array | null = null,
): void {
  const { data, rowStride, columnStride } = b;
  const { panels, k, n } = target;
  for (let column = 0; column < n; column += tileColumns) {
    const width = Math.min(tileColumns, n - column);
    let o = column * k + first * tileColumns;
    for (let p = 0; p < count; p++, o += tileColumns) {
      const i = b.offset + p * rowStride + column * columnStride;
      if (width < tileColumns || (keep !== null && keep[p] === 0)) panels.fill(0, o, o + tileColumns);
      if (keep !== null && keep[p] === 0) continue;
      for (let j = 0; j < width; j++) panels[o + j] = data[i + j * columnStride]!;
    }
  }
}
