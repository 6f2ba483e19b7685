import {
  LN2_HIGH, LN2_LOW, LOG2_E, ONE, ROUND_127, SIGN_BIT, TANH_0, TANH_1, TANH_2, TANH_3, TANH_LEAST, TANH_TURN, TWO, constant,
} from './constants';
import { expReduced } from './exp';
import { choose, madd, nmadd } from './madd';

/**
 * `tanh x` on four lanes, within 2 ulp; never beyond ±1; NaN stays NaN.
 *
 * Below 9/16 it is `x + x³·(…)`, minimax of the relative error, which stays under 2⁻²⁴. Above, with `z = e^(−2|x|)`, it is
 * `1 − 2·z/(1 + z)`, where what z and the quotient lose counts for less than half.
 */
@inline
export function tanh4(x: v128): v128 {
  const sign = constant(SIGN_BIT);
  const size = v128.andnot(x, sign);
  const square = f32x4.mul(x, x);
  let sum = madd(constant(TANH_3), square, constant(TANH_2));
  sum = madd(sum, f32x4.mul(square, square), madd(constant(TANH_1), square, constant(TANH_0)));
  const near = madd(f32x4.mul(size, square), sum, size);

  const exponent = f32x4.pmax(v128.or(f32x4.add(x, x), sign), constant(TANH_LEAST));
  const shifted = madd(exponent, constant(LOG2_E), constant(ROUND_127));
  const n = f32x4.sub(shifted, constant(ROUND_127));
  const r = nmadd(n, constant(LN2_LOW), nmadd(n, constant(LN2_HIGH), exponent));
  const scale = i32x4.shl(shifted, 23);
  const z = madd(expReduced(r), scale, scale);
  const one = constant(ONE);
  const far = nmadd(constant(TWO), f32x4.div(z, f32x4.add(one, z)), one);
  return v128.or(choose(f32x4.lt(size, constant(TANH_TURN)), near, far), v128.and(x, sign));
}
