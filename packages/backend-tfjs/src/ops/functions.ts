import type { Quirks } from '../quirks.js';
import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';

/** Coefficients of `atanh s / s` in s², from the last; for |s| ≤ 1/3 the next term is below 2e-8. */
const atanhCoefficients = [1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1];

/** `2 atanh(x / (2 + x))`, which needs no logarithm near 1, for |x| < ½; beyond it `log(1 + x)`. */
export function log1p(tf: TfjsCore, quirks: Quirks, x: TfjsTensor): TfjsTensor {
  const s = tf.div(x, tf.add(x, 2));
  const near = tf.mul(tf.mul(s, 2), polynomial(tf, atanhCoefficients, tf.mul(s, s)));
  return tf.where(tf.less(tf.abs(x), tf.scalar(0.5)), near, log(tf, quirks, tf.add(x, 1)));
}

/** Logarithm; the shader languages leave open what it is of 0 and NaN. */
export function log(tf: TfjsCore, quirks: Quirks, x: TfjsTensor): TfjsTensor {
  if (!quirks.logIsFinite) return tf.log(x);
  const ofNumbers = tf.where(tf.equal(x, tf.scalar(0)), tf.scalar(-Infinity), tf.log(x));
  return tf.where(tf.equal(x, x), ofNumbers, x);
}

/** Sum of coefficients, from the last, times powers of x. */
function polynomial(tf: TfjsCore, coefficients: readonly number[], x: TfjsTensor): TfjsTensor {
  return coefficients.reduce(
    (sum: TfjsTensor, coefficient) => tf.add(tf.mul(sum, x), coefficient),
    tf.scalar(0) as TfjsTensor,
  );
}

/** π in three parts, of which the first two have few digits, so that a whole number of each is exact in f32. */
const piParts = [3.140625, 9.670257568359375e-4, 6.2771141529083252e-7];

/** Taylor's coefficients of `sin r / r` in r², from the last; on [−π/2, π/2] the next term is below 6e-8. */
const coefficients = [-1 / 39_916_800, 1 / 362_880, -1 / 5040, 1 / 120, -1 / 6, 1];

/** sin or cos to f32's precision, by `sin(r + nπ) = (−1)ⁿ sin r` and `cos(r + (n + ½)π) = −(−1)ⁿ sin r`. */
export function sine(tf: TfjsCore, op: 'sin' | 'cos', x: TfjsTensor): TfjsTensor {
  const half = op === 'sin' ? 0.5 : 0;
  const turns = tf.floor(tf.add(tf.mul(x, 1 / Math.PI), half));
  const centre = op === 'sin' ? turns : tf.add(turns, 0.5);
  const r = piParts.reduce((rest: TfjsTensor, part) => tf.sub(rest, tf.mul(centre, part)), x);
  const square = tf.mul(r, r);
  const series = polynomial(tf, coefficients, square);
  const odd = tf.sub(turns, tf.mul(tf.floor(tf.mul(turns, 0.5)), 2));
  const sign = tf.sub(1, tf.mul(odd, 2));
  const result = tf.mul(tf.mul(r, series), sign);
  return op === 'sin' ? result : tf.neg(result);
}
