import { sizeOf } from '@tempograd/core/backend';
import type { Quirks } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';
import { throughFloats } from './elementwise.js';

/** Sum over axes. */
export function sum(tf: TfjsCore, quirks: Quirks, x: TfjsTensor, axes: readonly number[]): TfjsTensor {
  return reduce(tf, x, axes, () => throughFloats(tf, quirks, x, (y) => tf.sum(y, [...axes])));
}

/** Maximum over axes. */
export function max(tf: TfjsCore, quirks: Quirks, x: TfjsTensor, axes: readonly number[]): TfjsTensor {
  return reduce(tf, x, axes, () => throughFloats(tf, quirks, x, (y) => tf.max(y, [...axes])));
}

/** Nothing to reduce and nothing to reduce over are no business of the kernels. */
function reduce(tf: TfjsCore, x: TfjsTensor, axes: readonly number[], kernel: () => TfjsTensor): TfjsTensor {
  if (axes.length === 0) return tf.clone(x);
  if (sizeOf(x.shape) > 0) return kernel();
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  return tf.fill(kept, 0, x.dtype);
}
