import { sameShape, type Shape } from '@tempograd/core/backend';
import type { Slowness } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';

/** Repeats a tensor along axes of length 1, to a shape that is not empty; gives the tensor itself where it has the shape. */
export function stretch(tf: TfjsCore, slow: Slowness, x: TfjsTensor, shape: Shape): TfjsTensor {
  if (sameShape(x.shape, shape)) return x;
  if (!slow.broadcastTo || x.dtype === 'int32') return tf.broadcastTo(x, [...shape]);
  if (x.dtype === 'bool') return tf.cast(stretch(tf, slow, tf.cast(x, 'float32'), shape), 'bool');
  return tf.mul(x, tf.fill([...shape], 1));
}
