import { sizeOf } from '@tempograd/core/backend';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';

/** Sum over axes. */
export function sum(tf: TfjsCore, x: TfjsTensor, axes: readonly number[]): TfjsTensor {
  return reduce(tf, x, axes, () => tf.sum(x, [...axes]));
}

/** Maximum over axes. */
export function max(tf: TfjsCore, x: TfjsTensor, axes: readonly number[]): TfjsTensor {
  return reduce(tf, x, axes, () => tf.max(x, [...axes]));
}

/** Nothing to reduce and nothing to reduce over are no business of the kernels. */
function reduce(tf: TfjsCore, x: TfjsTensor, axes: readonly number[], kernel: () => TfjsTensor): TfjsTensor {
  if (axes.length === 0) return tf.clone(x);
  if (sizeOf(x.shape) > 0) return kernel();
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  return tf.fill(kept, 0, x.dtype);
}
