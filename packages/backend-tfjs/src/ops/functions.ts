import type { TfjsCore, TfjsTensor } from '../TfjsCore.js';

/** `log(u) · x/(u − 1)` with u = 1 + x rounded: the error of u cancels (W. Kahan). Where u = 1 it is x, where u = x it is log x. */
export function log1p(tf: TfjsCore, x: TfjsTensor): TfjsTensor {
  const u = tf.add(x, 1);
  const corrected = tf.mul(tf.log(u), tf.div(x, tf.sub(u, 1)));
  return tf.where(tf.equal(u, 1), x, tf.where(tf.equal(u, x), tf.log(u), corrected));
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
  const series = coefficients.reduce(
    (sum: TfjsTensor, coefficient) => tf.add(tf.mul(sum, square), coefficient),
    tf.scalar(0) as TfjsTensor,
  );
  const odd = tf.sub(turns, tf.mul(tf.floor(tf.mul(turns, 0.5)), 2));
  const sign = tf.sub(1, tf.mul(odd, 2));
  const result = tf.mul(tf.mul(r, series), sign);
  return op === 'sin' ? result : tf.neg(result);
}
