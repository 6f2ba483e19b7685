import { copyRows } from '../task/copyRows';
import { panelBytes, panelRows, panelWidth, startBias, startC, startZero } from './panelRows';
import { panelTiles } from './panelTiles';

/** Rows of A that one panel meets before the next panel: they stay in the nearest cache. */
export const rowsAtOnce: i32 = 64;

/** Bytes of scratch that `panelInto` wants: a row that sums start from, and sums of sixteen columns that are not C itself. */
export const fringeBytes: usize = (<usize>rowsAtOnce + 1) * panelBytes;

/**
 * `columns` columns of C, or sixteen of more, from one panel and at most `rowsAtOnce` rows of A: packed by `packTiles` where `tiled`,
 * else as they stand, `lda` bytes apart. Sums start as `start` says, `fringe` is scratch.
 *
 * Sums go by way of the scratch where the panel has columns that C has not; in the wide build also where C is added to, for its
 * kernels are slower by a sixth with a choice in them, and this costs 4 % of a product over 128 steps.
 */
export function panelInto(
  tiled: bool, a: usize, lda: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, columns: i32, start: i32, bias: usize,
  fringe: usize,
): void {
  const whole = columns >= panelWidth;
  const adds = start == startC && (TILE_ROWS == 4 || !whole);
  const from = startRow(whole ? panelWidth : columns, start, bias, fringe);
  if (whole && !adds) return anyRows(tiled, a, lda, rows, panel, k, c, ldc, start, from);
  const sums = fringe + panelBytes;
  anyRows(tiled, a, lda, rows, panel, k, sums, panelBytes, adds ? startZero : start, from);
  if (!adds) copyRows(c, ldc, sums, panelBytes, rows, <usize>columns << 2);
  else if (whole) addPanel(c, ldc, sums, rows);
  else addColumns(c, ldc, sums, rows, columns);
}

/** Zeros where `panels` panels' sums start. */
export function clear(at: usize, panels: i32): void {
  const zero = f32x4.splat(0);
  for (; panels > 0; panels--, at += panelBytes) {
    v128.store(at, zero); v128.store(at, zero, 16); v128.store(at, zero, 32); v128.store(at, zero, 48);
  }
}

/** Sixteen floats for sums to start from: the bias, or zeros. */
function startRow(columns: i32, start: i32, bias: usize, fringe: usize): usize {
  if (start == startBias) {
    if (columns == panelWidth) return bias;
    copyRows(fringe, panelBytes, bias, 0, 1, <usize>columns << 2);
  } else if (TILE_ROWS == 4) {
    clear(fringe, 1);
  }
  return fringe;
}

function anyRows(
  tiled: bool, a: usize, lda: usize, rows: i32, panel: usize, k: i32, c: usize, ldc: usize, start: i32, from: usize,
): void {
  if (tiled) panelTiles(a, rows, panel, k, c, ldc, start, from);
  else panelRows(a, lda, rows, panel, k, c, ldc, start, from);
}

/** Adds sums of sixteen columns to C. */
export function addPanel(c: usize, ldc: usize, sums: usize, rows: i32): void {
  for (; rows > 0; rows--, c += ldc, sums += panelBytes) {
    v128.store(c, f32x4.add(v128.load(sums), v128.load(c)));
    v128.store(c, f32x4.add(v128.load(sums, 16), v128.load(c, 16)), 16);
    v128.store(c, f32x4.add(v128.load(sums, 32), v128.load(c, 32)), 32);
    v128.store(c, f32x4.add(v128.load(sums, 48), v128.load(c, 48)), 48);
  }
}

/** Adds sums of fewer columns to C. */
function addColumns(c: usize, ldc: usize, sums: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--, c += ldc, sums += panelBytes) {
    for (let at: usize = 0, end = <usize>columns << 2; at < end; at += 4) store<f32>(c + at, load<f32>(sums + at) + load<f32>(c + at));
  }
}
