import { EXP_LEAST, LN2_HIGH, LN2_LOW, LOG2_E, ONE, ROUND_151, SIGN_BIT, TWO_TO_MINUS_24, constant } from './constants';
import { expReduced } from './exp';
import { madd, nmadd } from './madd';

/**
 * `1 / (1 + e⁻ˣ)` on four lanes, within 2 ulp; exactly 0 and 1 where that is nearest; NaN stays NaN.
 *
 * With `z = e^(−|x|)` and `d = z/(1+z)` it is `1 − d` for x ≥ 0 and `z − z·d` below: nothing overflows, and what rounding the
 * quotient costs is scaled down. Exponents stand 24 too high until z is complete, so that subnormal results are rounded once.
 */
@inline
export function sigmoid4(x: v128): v128 {
  const negative = f32x4.pmax(v128.or(x, constant(SIGN_BIT)), constant(EXP_LEAST));
  const shifted = madd(negative, constant(LOG2_E), constant(ROUND_151));
  const n = f32x4.sub(shifted, constant(ROUND_151));
  const r = nmadd(n, constant(LN2_LOW), nmadd(n, constant(LN2_HIGH), negative));
  const q = expReduced(r);
  const scale = i32x4.shl(shifted, 23);
  const z = f32x4.mul(madd(q, scale, scale), constant(TWO_TO_MINUS_24));
  const one = constant(ONE);
  const top = f32x4.pmax(z, v128.andnot(one, i32x4.shr_s(x, 31)));
  return nmadd(top, f32x4.div(z, f32x4.add(one, z)), top);
}
