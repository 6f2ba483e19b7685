import { pointer, word } from '../task/part';
import { blockedBytes, multiplyBlocked } from './blocked';
import { combineRows } from './combineRows';
import { dotRows } from './dotRows';
import { outer } from './outer';
import { startBias, startC, startZero } from './panelRows';

const transposeA: i32 = 1;
const transposeB: i32 = 2;
const accumulate: i32 = 4;

/** Parts begin at multiples of this, so that every element is computed by the same path however many parts there are. */
const partUnit: i32 = 16;

/** Where part `part` of `parts` begins in `length`, at multiples of `unit`. */
@inline
export function partBegin(length: i32, unit: i32, part: i32, parts: i32): i32 {
  const units = (length + unit - 1) / unit;
  return min(length, <i32>((<i64>units * part) / parts) * unit);
}

/** Bytes of scratch that one part of `product` wants. */
export function productScratchBytes(args: usize, parts: i32): f64 {
  return <f64>blockedBytes((word(args, 10) & transposeA) != 0, word(args, 0), word(args, 1), word(args, 2));
}

/** `C = op(A) op(B)`, plus the bias or plus C; the block of arguments is described in the README of this folder's parent. */
export function product(args: usize, part: i32, parts: i32, scratch: usize): void {
  const m = word(args, 0), n = word(args, 1), k = word(args, 2);
  const lda = <usize>word(args, 4) << 2, ldb = <usize>word(args, 6) << 2, ldc = <usize>word(args, 8) << 2;
  const flags = word(args, 10);
  const transposedA = (flags & transposeA) != 0, transposedB = (flags & transposeB) != 0;
  const byRows = m > n;
  const length = byRows ? m : n;
  const begin = partBegin(length, partUnit, part, parts), end = partBegin(length, partUnit, part + 1, parts);
  if (begin == end) return;
  let a = pointer(args, 3), b = pointer(args, 5), c = pointer(args, 7), bias = pointer(args, 9);
  const start = (flags & accumulate) != 0 ? startC : bias != 0 ? startBias : startZero;
  const skip = <usize>begin;
  if (byRows) {
    a += transposedA ? skip << 2 : skip * lda;
    c += skip * ldc;
  } else {
    b += transposedB ? skip * ldb : skip << 2;
    c += skip << 2;
    bias += skip << 2;
  }
  const rows = byRows ? end - begin : m, columns = byRows ? n : end - begin;
  const vector = m == 1 && (!transposedA || lda == 4);
  const column = n == 1 && ldc == 4 && bias == 0 && (transposedB || ldb == 4);
  const single = k == 1 && start == startZero && (transposedA || lda == 4) && (!transposedB || ldb == 4);
  for (let batch = word(args, 11); batch > 0; batch--) {
    if (k == 0) startRows(rows, columns, c, ldc, start, bias);
    else if (single) outer(a, rows, b, columns, c, ldc, false);
    else if (vector) multiplyVector(a, b, ldb, transposedB, k, columns, c, start, bias, scratch);
    else if (column) multiplyVector(b, a, lda, !transposedA, k, rows, c, start, bias, scratch);
    else multiplyBlocked(transposedA, transposedB, rows, columns, k, a, lda, b, ldb, c, ldc, start, bias, scratch);
    a += <usize>word(args, 12) << 2;
    b += <usize>word(args, 13) << 2;
    c += <usize>word(args, 14) << 2;
  }
}

/** Terms of a single row's sum that are taken together. */
const longestSum: i32 = 1024;

/** `y [n] = x [k] · op(B)`; a long sum adds up the sums of its blocks. `scratch` is of `fringeBytes`. */
export function multiplyVector(
  x: usize, b: usize, ldb: usize, transposedB: bool, k: i32, n: i32, y: usize, start: i32, bias: usize, scratch: usize,
): void {
  do {
    const block = min(k, longestSum);
    if (transposedB) dotRows(x, b, ldb, block, n, y, start, bias);
    else combineRows(x, b, ldb, block, n, y, start, bias, scratch);
    k -= block;
    x += <usize>block << 2;
    b += transposedB ? <usize>block << 2 : <usize>block * ldb;
    start = startC;
  } while (k > 0);
}

/** What is left of a product over nothing: zeros, the bias, or C as it was. */
function startRows(rows: i32, columns: i32, c: usize, ldc: usize, start: i32, bias: usize): void {
  if (start == startC) return;
  for (; rows > 0; rows--) {
    for (let at: usize = 0, end = <usize>columns << 2; at < end; at += 4) {
      store<f32>(c + at, start == startBias ? load<f32>(bias + at) : 0);
    }
    c += ldc;
  }
}
