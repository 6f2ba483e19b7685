import { broadcastShapes, sizeOf } from '@tempograd/core/backend';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';
import { broadcast } from './layout.js';

/** Product over the last two axes. tfjs counts matrices modulo each operand's, so leading axes that differ are stretched first. */
export function matmul(
  tf: TfjsCore,
  a: TfjsTensor,
  b: TfjsTensor,
  transposeA: boolean,
  transposeB: boolean,
): TfjsTensor {
  const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'matmul');
  const m = a.shape.at(transposeA ? -1 : -2) as number;
  const k = a.shape.at(transposeA ? -2 : -1) as number;
  const n = b.shape.at(transposeB ? -2 : -1) as number;
  const shape = [...lead, m, n];
  if (k === 0 || sizeOf(shape) === 0) return tf.fill(shape, 0, 'float32');
  if (lead.length === 0) return tf.matMul(a, b, transposeA, transposeB);
  const stack = (x: TfjsTensor): TfjsTensor => {
    const matrix = x.shape.slice(-2) as [number, number];
    return tf.reshape(broadcast(tf, x, [...lead, ...matrix]), [sizeOf(lead), ...matrix]);
  };
  return tf.reshape(tf.matMul(stack(a), stack(b), transposeA, transposeB), shape);
}
