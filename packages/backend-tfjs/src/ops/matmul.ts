import { broadcastShapes, sizeOf } from '@tempograd/core/backend';
import type { Slowness } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';
import { stretch } from './stretch.js';

/** Product over the last two axes. tfjs counts matrices modulo each operand's, so leading axes that differ are stretched first. */
export function matmul(
  tf: TfjsCore,
  slow: Slowness,
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
  const stack = (x: TfjsTensor): TfjsTensor => {
    const matrix = x.shape.slice(-2) as [number, number];
    return tf.reshape(stretch(tf, slow, x, [...lead, ...matrix]), [sizeOf(lead), ...matrix]);
  };
  const [left, right] = lead.length === 0 ? [a, b] : [stack(a), stack(b)];
  const product = slow.transposedProducts
    ? plainProduct(tf, { left, right, transposeA, transposeB }, [m, k, n])
    : tf.matMul(left, right, transposeA, transposeB);
  return lead.length === 0 ? product : tf.reshape(product, shape);
}

/** What is multiplied: matrices, or stacks of as many. */
interface Factors {
  readonly left: TfjsTensor;
  readonly right: TfjsTensor;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** By a product without transposed operands: those are transposed before, or by `AB = (BᵀAᵀ)ᵀ` the others and the result. */
function plainProduct(
  tf: TfjsCore,
  { left, right, transposeA, transposeB }: Factors,
  [m, k, n]: readonly [number, number, number],
): TfjsTensor {
  const turned = (x: TfjsTensor, turn: boolean): TfjsTensor =>
    turn ? tf.transpose(x, x.shape.length === 2 ? [1, 0] : [0, 2, 1]) : x;
  const moved = (transposeA ? m * k : 0) + (transposeB ? k * n : 0);
  const movedOtherwise = (transposeA ? 0 : m * k) + (transposeB ? 0 : k * n) + m * n;
  if (moved <= movedOtherwise) return tf.matMul(turned(left, transposeA), turned(right, transposeB));
  return turned(tf.matMul(turned(right, !transposeB), turned(left, !transposeA)), true);
}
