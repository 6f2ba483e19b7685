import { madd, nmadd } from './madd';

/** 1.5·2²³: adding it rounds to an integer, which then stands in the low bits. */
export const roundingShift: f32 = 12582912;
export const log2E: f32 = 1.4426950408889634;
/** ln 2 in two parts; the first has few enough bits that its products with exponents are exact. */
export const ln2High: f32 = 0.693359375;
export const ln2Low: f32 = -2.12194440054690583e-4;

/** `(eʳ − 1 − r) / r²` for |r| ≤ ln(2)/2: minimax of the relative error of eʳ − 1, which stays under 2⁻²⁶. */
// @ts-ignore: decorator
@inline
export function expTail(r: v128): v128 {
  let sum = madd(f32x4.splat(0.00138825107), r, f32x4.splat(0.00836654739));
  sum = madd(sum, r, f32x4.splat(0.0416672008));
  sum = madd(sum, r, f32x4.splat(0.166665434));
  return madd(sum, r, f32x4.splat(0.49999998));
}

/**
 * `eˣ` on four lanes, within 1 ulp; subnormal results too; 0 and infinity where they are due; NaN stays NaN.
 *
 * `x = n·ln 2 + r`, and 2ⁿ is applied in two halves, since it may lie outside of the normal numbers where the result does not.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  const within = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89));
  const shifted = madd(within, f32x4.splat(log2E), f32x4.splat(roundingShift));
  const n = f32x4.sub(shifted, f32x4.splat(roundingShift));
  const r = nmadd(n, f32x4.splat(ln2Low), nmadd(n, f32x4.splat(ln2High), within));
  const power = madd(expTail(r), f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  const exponent = i32x4.shl(shifted, 23);
  const half = v128.and(i32x4.shr_s(exponent, 1), i32x4.splat(0xff800000));
  const one = i32x4.splat(0x3f800000);
  const scaled = f32x4.mul(power, i32x4.add(half, one));
  return f32x4.mul(scaled, i32x4.add(i32x4.sub(exponent, half), one));
}
