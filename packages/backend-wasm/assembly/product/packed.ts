import { packPanel, packPanelTransposed } from './packPanel';
import { panelInto, rowsAtOnce } from './panelInto';
import { panelBytes, panelWidth, startC } from './panelRows';
import { panelsOneRow } from './panelsOneRow';

/**
 * A packed matrix is `op(B) [k, n]` cut along k into equal blocks of at most `longestBlock`, each block cut into panels of
 * sixteen columns, each panel stored `[block, 16]`; blocks follow one another, and so do the panels of a block.
 */
const longestBlock: i32 = 256;

/** Length of the blocks that k is cut into. */
export function blockLength(k: i32): i32 {
  const blocks = (k + longestBlock - 1) / longestBlock;
  return blocks <= 1 ? k : ((k + blocks - 1) / blocks + 3) & ~3;
}

/** Panels across n columns. */
@inline
export function panelCount(n: i32): i32 {
  return (n + panelWidth - 1) / panelWidth;
}

/** Bytes of a packed `[k, n]` matrix. */
export function packedBytes(k: i32, n: i32): u64 {
  return <u64>k * <u64>panelCount(n) * panelBytes;
}

/** Packs panels `from` to `to` of `op(B) [k, n]`; B is stored `[k, n]`, or `[n, k]` when transposed; `ldb` is in bytes. */
export function pack(packed: usize, b: usize, ldb: usize, transposed: bool, k: i32, n: i32, from: i32, to: i32): void {
  const length = blockLength(k);
  const panels = panelCount(n);
  for (let begin = 0; begin < k; begin += length) {
    const block = min(length, k - begin);
    const base = packed + <usize>begin * <usize>panels * panelBytes;
    for (let panel = from; panel < to; panel++) {
      const column = panel * panelWidth;
      const columns = min(panelWidth, n - column);
      const at = base + <usize>panel * <usize>block * panelBytes;
      if (transposed) packPanelTransposed(at, b + <usize>column * ldb + (<usize>begin << 2), ldb, block, columns);
      else packPanel(at, b + <usize>begin * ldb + (<usize>column << 2), ldb, block, columns);
    }
  }
}

/**
 * Columns of panels `from` to `to` of `C = A · op(B)`, op(B) packed, k ≥ 1: `steps` blocks of `rows` rows each, `aStep` and `cStep`
 * bytes apart, share each panel while it is near. Leading dimensions are in bytes, sums start as `start` says, `fringe` is
 * scratch of `fringeBytes`.
 */
export function multiplyPacked(
  a: usize, lda: usize, aStep: usize, rows: i32, steps: i32, packed: usize, k: i32, n: i32,
  c: usize, ldc: usize, cStep: usize, start: i32, bias: usize, from: i32, to: i32, fringe: usize,
): void {
  const length = blockLength(k);
  const panels = panelCount(n);
  for (let begin = 0; begin < k; begin += length) {
    const block = min(length, k - begin);
    const base = packed + <usize>begin * <usize>panels * panelBytes;
    const first = begin == 0 ? start : startC;
    // A single row does best with several panels at a time.
    const whole = rows == 1 && steps == 1 ? max(from, min(to, n / panelWidth)) : from;
    const skip = <usize>from * panelBytes;
    if (whole > from) {
      panelsOneRow(a + (<usize>begin << 2), base + skip * <usize>block, block, whole - from, c + skip, first, bias + skip, fringe);
    }
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = min(rowsAtOnce, rows - row);
      const aRows = a + <usize>row * lda + (<usize>begin << 2);
      const cRows = c + <usize>row * ldc;
      for (let panel = whole; panel < to; panel++) {
        const at = base + <usize>panel * <usize>block * panelBytes;
        const offset = <usize>panel * panelBytes;
        const columns = n - panel * panelWidth;
        let from = aRows, into = cRows + offset;
        for (let step = 0; step < steps; step++) {
          panelInto(false, from, lda, count, at, block, into, ldc, columns, first, bias + offset, fringe);
          from += aStep;
          into += cStep;
        }
      }
    }
  }
}

/** Panels that go together where a matrix is gone through in either direction. */
const panelsTogether: i32 = 8;

/**
 * The same, a few panels after the other, and the last ones first where `backwards`: who multiplies with one matrix again and again, in
 * turns in either direction, meets first what is still near of it. The sums are those of `multiplyPacked`.
 */
export function multiplyEitherWay(
  a: usize, lda: usize, aStep: usize, rows: i32, steps: i32, packed: usize, k: i32, n: i32,
  c: usize, ldc: usize, cStep: usize, start: i32, bias: usize, from: i32, to: i32, fringe: usize, backwards: bool,
): void {
  for (let left = to - from; left > 0;) {
    const count = min(panelsTogether, left);
    left -= count;
    const first = backwards ? from + left : to - left - count;
    multiplyPacked(a, lda, aStep, rows, steps, packed, k, n, c, ldc, cStep, start, bias, first, first + count, fringe);
  }
}
