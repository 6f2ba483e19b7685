import {
  broadcastShapes,
  sizeOf,
  type BinaryOp,
  type CompareOp,
  type DType,
  type UnaryOp,
} from '@tempograd/core/backend';
import type { Quirks, Slowness } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';
import { log, log1p, sine } from './functions.js';
import { stretch } from './stretch.js';

/** Elementwise function. Those that take integers are made of maximum and minimum there: the wasm kernels read integers as floats. */
export function unary(tf: TfjsCore, quirks: Quirks, op: UnaryOp, x: TfjsTensor): TfjsTensor {
  return x.dtype === 'int32' ? unaryOfIntegers(tf, op, x) : unaryOfFloats(tf, quirks, op, x);
}

function unaryOfFloats(tf: TfjsCore, quirks: Quirks, op: UnaryOp, x: TfjsTensor): TfjsTensor {
  // tfjs has no sign of NaN.
  if (op === 'sign') return tf.where(tf.equal(x, x), tf.sign(x), x);
  if (op === 'log') return log(tf, quirks, x);
  if (op === 'exp' && quirks.expLosesNaN) return tf.where(tf.equal(x, x), tf.exp(x), x);
  if (op === 'relu' && quirks.reluOfInfinityIsNaN) return tf.maximum(x, tf.scalar(0));
  if (op === 'log1p' && quirks.log1pLosesSmall) return log1p(tf, quirks, x);
  if ((op === 'sin' || op === 'cos') && quirks.coarseSine) return sine(tf, op, x);
  return tf[op](x);
}

function unaryOfIntegers(tf: TfjsCore, op: UnaryOp, x: TfjsTensor): TfjsTensor {
  const constant = (value: number): TfjsTensor => tf.scalar(value, 'int32');
  switch (op) {
    case 'neg':
      return tf.sub(constant(0), x);
    case 'abs':
      return tf.maximum(x, tf.sub(constant(0), x));
    case 'sign':
      return tf.maximum(constant(-1), tf.minimum(constant(1), x));
    case 'relu':
      return tf.maximum(constant(0), x);
    default:
      return tf[op](x);
  }
}

export function binary(tf: TfjsCore, quirks: Quirks, op: BinaryOp, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
  const extreme = op === 'maximum' || op === 'minimum';
  if (extreme && quirks.extremesLoseNaN && a.dtype !== 'int32') {
    // Where either is NaN, so is their sum.
    return tf.where(tf.logicalAnd(tf.equal(a, a), tf.equal(b, b)), tf[op](a, b), tf.add(a, b));
  }
  return tf[op](a, b);
}

/** Comparison; tfjs gives booleans. */
export function compare(tf: TfjsCore, op: CompareOp, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
  return tf.cast(tf[op](a, b), 'int32');
}

/** Choice by condition; `tf.where` makes one element of a scalar stretched to none. */
export function select(tf: TfjsCore, slow: Slowness, condition: TfjsTensor, a: TfjsTensor, b: TfjsTensor): TfjsTensor {
  const shape = broadcastShapes(broadcastShapes(condition.shape, a.shape, 'select'), b.shape, 'select');
  if (sizeOf(shape) === 0) return tf.fill(shape, 0, a.dtype);
  const chosen = tf.notEqual(condition, tf.fill(condition.shape, 0, 'int32'));
  return tf.where(stretch(tf, slow, chosen, shape), stretch(tf, slow, a, shape), stretch(tf, slow, b, shape));
}

const end = 2 ** 31;

/** Conversion; what does not fit an i32 goes to its ends, which tfjs leaves to the device. */
export function cast(tf: TfjsCore, quirks: Quirks, x: TfjsTensor, dtype: DType): TfjsTensor {
  if (dtype !== 'i32') return toFloats(tf, quirks, x);
  if (x.dtype === 'int32') return tf.clone(x);
  // The largest float below 2³¹ is 2³¹ − 128.
  const inside = tf.maximum(tf.minimum(x, end - 128), -end);
  const number = tf.where(tf.equal(x, x), inside, tf.scalar(0));
  return tf.where(tf.lessEqual(end, x), tf.scalar(end - 1, 'int32'), tf.cast(number, 'int32'));
}

/** As floats, also in storage: where integers stay put, `tf.cast` only calls the same integers floats. */
function toFloats(tf: TfjsCore, quirks: Quirks, x: TfjsTensor): TfjsTensor {
  const floats = tf.cast(x, 'float32');
  return quirks.integersStayPut && x.dtype === 'int32' ? tf.mul(floats, 1) : floats;
}

/** Does to integers what their device can do to floats only; beyond 24 bits they are rounded. */
export function throughFloats(
  tf: TfjsCore,
  quirks: Quirks,
  x: TfjsTensor,
  op: (x: TfjsTensor) => TfjsTensor,
): TfjsTensor {
  if (!quirks.integersStayPut || x.dtype !== 'int32') return op(x);
  return tf.cast(op(toFloats(tf, quirks, x)), 'int32');
}
