import { sizeOf } from '@tempograd/core/backend';
import type { Slowness } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';

/** Rows by number. tfjs throws, wraps or reads beside the table for an index outside, depending on the device: it gets none. */
export function gather(tf: TfjsCore, slow: Slowness, x: TfjsTensor, indices: TfjsTensor): TfjsTensor {
  const [rows, ...rest] = x.shape as [number, ...number[]];
  const shape = [...indices.shape, ...rest];
  const float = x.dtype === 'float32';
  if (rows === 0 || sizeOf(shape) === 0) return tf.fill(shape, float ? NaN : 0, float ? 'float32' : 'int32');
  const flat = tf.reshape(indices, [-1]);
  if (slow.memoryAtHand && allInside(flat, rows)) {
    return tf.reshape(tf.gather(tf.reshape(x, [rows, -1]), flat), shape);
  }
  const inside = isInside(tf, flat, rows);
  const found = tf.gather(tf.reshape(x, [rows, -1]), tf.where(inside, flat, tf.scalar(0, 'int32')));
  const column = tf.reshape(inside, [-1, 1]);
  const marked = float
    ? tf.add(found, tf.where(column, tf.scalar(0), tf.scalar(NaN)))
    : tf.mul(found, tf.cast(column, 'int32'));
  return tf.reshape(marked, shape);
}

/**
 * The transpose of `gather`, by `scatterND`, which adds repeated rows up. tfjs's own gradient takes `unsortedSegmentSum`, which
 * is not there on wasm and makes a pass over all updates for each row on cpu. Indices outside go to a row that is cut off.
 */
export function scatterAdd(
  tf: TfjsCore,
  slow: Slowness,
  indices: TfjsTensor,
  updates: TfjsTensor,
  rows: number,
): TfjsTensor {
  const rest = updates.shape.slice(indices.shape.length);
  const shape = [rows, ...rest];
  const dtype = updates.dtype as 'float32' | 'int32';
  if (sizeOf(updates.shape) === 0 || rows === 0) return tf.fill(shape, 0, dtype);
  const flat = tf.reshape(indices, [-1]);
  const width = sizeOf(rest);
  const count = sizeOf(indices.shape);
  const sumsOf = (places: TfjsTensor, length: number): TfjsTensor =>
    tf.scatterND(tf.reshape(places, [count, 1]), tf.reshape(updates, [count, width]), [length, width]);
  if (slow.memoryAtHand && allInside(flat, rows)) return tf.reshape(sumsOf(flat, rows), shape);
  const sums = sumsOf(tf.where(isInside(tf, flat, rows), flat, tf.scalar(rows, 'int32')), rows + 1);
  return tf.reshape(tf.slice(sums, [0, 0], [rows, width]), shape);
}

function isInside(tf: TfjsCore, indices: TfjsTensor, rows: number): TfjsTensor {
  const [first, end] = [tf.scalar(0, 'int32'), tf.scalar(rows, 'int32')];
  return tf.logicalAnd(tf.lessEqual(first, indices), tf.less(indices, end));
}

function allInside(indices: TfjsTensor, rows: number): boolean {
  return indices.dataSync<'int32'>().every((index) => index >= 0 && index < rows);
}
