import { ln2High, ln2Low, log2E, roundingShift } from './exp';
import { madd, nmadd } from './madd';

/** Just under a half: exponents are rounded up, so that the first octave of arguments needs none. */
const roundUp: f32 = 0.4999;

/**
 * `tanh x` on four lanes, within 2 ulp, also near 0; never beyond ±1; NaN stays NaN.
 *
 * With `z = e^(−2|x|)` it is `((1 − z)/2) / ((1 + z)/2)` with the sign of x. `2|x| = −n·ln 2 − 2r`, r from −ln(2)/2 to 0, and
 * both halves come from `q = (e^(2r) − 1)/2`, so that small arguments lose nothing.
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const sign = i32x4.splat(0x80000000);
  const negative = f32x4.pmax(v128.or(x, sign), f32x4.splat(-20));
  const shift = f32x4.splat(roundingShift + 127);
  const shifted = f32x4.add(madd(negative, f32x4.splat(2 * log2E), f32x4.splat(roundUp)), shift);
  const n = f32x4.sub(shifted, shift);
  const r = nmadd(n, f32x4.splat(0.5 * ln2Low), nmadd(n, f32x4.splat(0.5 * ln2High), negative));
  // q = r + r²·(…): minimax of its relative error, which stays under 2⁻²⁶.
  let sum = madd(f32x4.splat(0.0332355641), r, f32x4.splat(0.129244081));
  sum = madd(sum, r, f32x4.splat(0.33263475));
  sum = madd(sum, r, f32x4.splat(0.666613724));
  sum = madd(sum, r, f32x4.splat(0.999998679));
  const q = madd(sum, f32x4.mul(r, r), r);
  const scale = i32x4.shl(shifted, 23);
  const half = f32x4.splat(0.5);
  const difference = madd(q, scale, madd(scale, half, f32x4.splat(-0.5)));
  const total = madd(q, scale, madd(scale, half, half));
  let ratio = f32x4.div(difference, total);
  if (!ASC_FEATURE_RELAXED_SIMD) ratio = refine(ratio, difference, n);
  return v128.or(f32x4.abs(ratio), v128.and(x, sign));
}

/** Where n is 0, `d/(1 + d)` is written `d − d·(d/(1 + d))`: it then bears one rounding of three, which plain SIMD needs. */
// @ts-ignore: decorator
@inline
function refine(ratio: v128, d: v128, n: v128): v128 {
  const first = f32x4.eq(n, f32x4.splat(0));
  const base = v128.and(d, first);
  return madd(f32x4.sub(v128.andnot(f32x4.splat(1), first), base), ratio, base);
}
