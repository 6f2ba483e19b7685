// Work on some of the hidden units: columns `from … to` of each gate. A layer whose size is no multiple of a panel's width is not cut.
import { multiplyEitherWay, panelCount } from '../product/packed';
import { panelWidth } from '../product/panelRows';
import { multiplyVector, partBegin } from '../product/product';
import { word } from '../task/part';
import { Word } from './block';
import { rowsBytes } from './pack';

/** Columns of which parts have multiples: a few panels, so that every path through a product is the same in any part. */
export const COLUMNS_TOGETHER = 64;

/** The first hidden unit of part `part` of `parts`; `part == parts` gives the end. */
export function unitsBegin(args: usize, part: i32, parts: i32): i32 {
  const size = word(args, Word.HIDDEN_SIZE);
  return partBegin(size, size % panelWidth == 0 ? COLUMNS_TOGETHER : size, part, parts);
}

/** As `multiplyEitherWay`, of those columns of the `blocks` gates. */
export function multiplyUnits(
  args: usize, a: usize, lda: usize, aStep: usize, rows: i32, steps: i32, packed: usize, k: i32, blocks: i32, from: i32, to: i32,
  c: usize, ldc: usize, cStep: usize, start: i32, bias: usize, fringe: usize, backwards: bool,
): void {
  const size = word(args, Word.HIDDEN_SIZE), n = blocks * size, whole = to - from == size, runs = whole ? 1 : blocks;
  for (let run = 0; run < runs; run++) {
    const at = (backwards ? runs - 1 - run : run) * size;
    const first = whole ? 0 : (at + from) / panelWidth, end = panelCount(whole ? n : at + to);
    multiplyEitherWay(a, lda, aStep, rows, steps, packed, k, n, c, ldc, cStep, start, bias, first, end, fringe, backwards);
  }
}

/** As `multiplyVector` with transposed weights, of those columns of the `blocks` gates. */
export function vectorUnits(
  args: usize, x: usize, weights: usize, k: i32, blocks: i32, from: i32, to: i32, y: usize, start: i32, bias: usize,
  fringe: usize,
): void {
  const size = word(args, Word.HIDDEN_SIZE), rowBytes = rowsBytes(1, k);
  if (to - from == size) return multiplyVector(x, weights, rowBytes, true, k, blocks * size, y, start, bias, fringe);
  for (let block = 0; block < blocks; block++) {
    const column = <usize>(block * size + from), skip = column << 2;
    multiplyVector(x, weights + column * rowBytes, rowBytes, true, k, to - from, y + skip, start, bias + skip, fringe);
  }
}

/** Copies those columns of `rows` rows, to byte `at` of a matrix that may be none. */
export function copyUnits(to: usize, at: usize, from: usize, rows: i32, first: i32, end: i32, size: i32): void {
  if (to == 0) return;
  const rowBytes = rowsBytes(1, size), skip = rowsBytes(1, first), bytes = rowsBytes(1, end - first);
  for (let r: usize = 0; r < <usize>rows; r++) memory.copy(to + at + r * rowBytes + skip, from + r * rowBytes + skip, bytes);
}
