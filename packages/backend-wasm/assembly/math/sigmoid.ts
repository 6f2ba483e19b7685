import { expTail, ln2High, ln2Low, log2E, roundingShift } from './exp';
import { madd, nmadd } from './madd';

/** Exponents stand 24 too high until the last product, so that subnormal results are rounded once. */
const lift: f32 = 24;

/**
 * `1 / (1 + e⁻ˣ)` on four lanes, within 2 ulp; exactly 0 and 1 where that is nearest; NaN stays NaN.
 *
 * With `z = e^(−|x|)` and `d = z/(1+z)` it is `1 − d` for x ≥ 0 and `z − z·d` below: nothing overflows, and what rounding the
 * quotient costs is scaled down.
 */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const negative = f32x4.pmax(v128.or(x, i32x4.splat(0x80000000)), f32x4.splat(-104));
  const shift = f32x4.splat(roundingShift + 127 + lift);
  const shifted = madd(negative, f32x4.splat(log2E), shift);
  const n = f32x4.sub(shifted, shift);
  const r = nmadd(n, f32x4.splat(ln2Low), nmadd(n, f32x4.splat(ln2High), negative));
  const q = madd(expTail(r), f32x4.mul(r, r), r);
  const scale = i32x4.shl(shifted, 23);
  const z = f32x4.mul(madd(q, scale, scale), f32x4.splat(5.9604644775390625e-8));
  const one = f32x4.splat(1);
  const top = f32x4.pmax(z, v128.and(f32x4.ge(x, f32x4.splat(0)), one));
  return nmadd(top, f32x4.div(z, f32x4.add(one, z)), top);
}
