import { EXP_0, EXP_1, EXP_2, EXP_3, EXP_4, EXP_LEAST, EXP_MOST, LN2_HIGH, LN2_LOW, LOG2_E, ONE, ROUND, constant } from './constants';
import { madd, nmadd } from './madd';

/**
 * `eʳ − 1` for |r| ≤ ln(2)/2: `r + r²·(…)`, minimax of the relative error, which stays under 2⁻²⁶. In two halves, which makes
 * the chain of dependent steps shorter.
 */
@inline
export function expReduced(r: v128): v128 {
  const square = f32x4.mul(r, r);
  const high = madd(constant(EXP_4), square, madd(constant(EXP_3), r, constant(EXP_2)));
  return madd(madd(high, square, madd(constant(EXP_1), r, constant(EXP_0))), square, r);
}

/**
 * `eˣ` on four lanes, within 2 ulp; subnormal results too; 0 and infinity where they are due; NaN stays NaN.
 *
 * `x = n·ln 2 + r`, and 2ⁿ is applied in two halves, since it may lie outside of the normal numbers where the result does not.
 */
@inline
export function exp4(x: v128): v128 {
  const within = f32x4.pmin(f32x4.pmax(x, constant(EXP_LEAST)), constant(EXP_MOST));
  const shifted = madd(within, constant(LOG2_E), constant(ROUND));
  const n = f32x4.sub(shifted, constant(ROUND));
  const r = nmadd(n, constant(LN2_LOW), nmadd(n, constant(LN2_HIGH), within));
  const one = constant(ONE);
  const power = f32x4.add(expReduced(r), one);
  const exponent = i32x4.shl(shifted, 23);
  const half = i32x4.shl(i32x4.shr_s(exponent, 24), 23);
  const scaled = f32x4.mul(power, i32x4.add(half, one));
  return f32x4.mul(scaled, i32x4.add(i32x4.sub(exponent, half), one));
}
