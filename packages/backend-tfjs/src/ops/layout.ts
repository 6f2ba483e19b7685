import { sameShape, sizeOf, type Shape } from '@tempograd/core/backend';
import type { Quirks, Slowness } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';
import { throughFloats } from './elementwise.js';
import { stretch } from './stretch.js';

/** The same elements under another shape, on shared storage. */
export function reshape(tf: TfjsCore, x: TfjsTensor, shape: Shape): TfjsTensor {
  return tf.reshape(x, [...shape]);
}

export function transpose(tf: TfjsCore, quirks: Quirks, x: TfjsTensor, permutation: readonly number[]): TfjsTensor {
  const shape = permutation.map((axis) => x.shape[axis] as number);
  if (sizeOf(shape) === 0) return nothing(tf, shape, x);
  return throughFloats(tf, quirks, x, (y) => tf.transpose(y, [...permutation]));
}

export function broadcast(tf: TfjsCore, slow: Slowness, x: TfjsTensor, shape: Shape): TfjsTensor {
  if (sameShape(x.shape, shape)) return tf.clone(x);
  return sizeOf(shape) === 0 ? nothing(tf, shape, x) : stretch(tf, slow, x, shape);
}

export function concat(tf: TfjsCore, xs: readonly TfjsTensor[], axis: number): TfjsTensor {
  const first = xs[0] as TfjsTensor;
  const filled = xs.filter((x) => sizeOf(x.shape) > 0);
  if (filled.length > 0) return tf.concat(filled, axis);
  const length = xs.reduce((total, x) => total + (x.shape[axis] as number), 0);
  return nothing(tf, first.shape.with(axis, length), first);
}

export function flip(tf: TfjsCore, x: TfjsTensor, axes: readonly number[]): TfjsTensor {
  if (axes.length === 0 || sizeOf(x.shape) === 0) return tf.clone(x);
  return tf.reverse(x, [...axes]);
}

/** An empty tensor of the type of `like`. */
export function nothing(tf: TfjsCore, shape: Shape, like: TfjsTensor): TfjsTensor {
  return tf.fill([...shape], 0, like.dtype);
}
