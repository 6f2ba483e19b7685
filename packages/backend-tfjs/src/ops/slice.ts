import { sameShape, sizeOf } from '@tempograd/core/backend';
import type { Slowness } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';
import { nothing } from './layout.js';

/** By how much a tensor must be larger than its slice for `gather` to be faster where `slice` reads all of it. */
const muchLarger = 12;

export function slice(
  tf: TfjsCore,
  slow: Slowness,
  x: TfjsTensor,
  begin: readonly number[],
  size: readonly number[],
): TfjsTensor {
  if (sameShape(x.shape, size)) return tf.clone(x);
  if (sizeOf(size) === 0) return nothing(tf, size, x);
  const cut = size.flatMap((length, axis) => (length === x.shape[axis] ? [] : axis));
  const [axis] = cut as [number];
  const pieces = sizeOf(x.shape.slice(0, axis));
  const gathered =
    cut.length === 1 &&
    ((slow.sliceOfLarge && x.size > muchLarger * sizeOf(size)) || (slow.sliceInPieces && pieces > 1));
  return gathered
    ? rowsOf(tf, x, { axis, first: begin[axis] as number, length: size[axis] as number })
    : tf.slice(x, [...begin], [...size]);
}

/** A slice along one axis, as rows of a matrix whose rows are as long as whole rows fit into the slice. */
function rowsOf(
  tf: TfjsCore,
  x: TfjsTensor,
  { axis, first, length }: { readonly axis: number; readonly first: number; readonly length: number },
): TfjsTensor {
  const whole = x.shape[axis] as number;
  const pieces = sizeOf(x.shape.slice(0, axis));
  const unit = commonDivisor(commonDivisor(first, length), whole);
  const [perPiece, perSlice, start] = [whole / unit, length / unit, first / unit];
  const rows = Int32Array.from(
    { length: pieces * perSlice },
    (_, row) => Math.floor(row / perSlice) * perPiece + start + (row % perSlice),
  );
  const width = unit * sizeOf(x.shape.slice(axis + 1));
  const found = tf.gather(tf.reshape(x, [pieces * perPiece, width]), tf.tensor(rows, [rows.length], 'int32'));
  return tf.reshape(found, x.shape.with(axis, length));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
