import { ln2High, ln2Low, log2E, roundingShift } from './exp';
import { madd, nmadd } from './madd';

/**
 * `tanh x` on four lanes, within 2 ulp, also near 0; never beyond ±1; NaN stays NaN.
 *
 * With `v = (e^(−2|x|) − 1) / 2` it is `−v / (1 + v)` with the sign of x. v comes from the series of `eʳ − 1`, so that small
 * arguments lose nothing; r stands for half of the reduced exponent, which spares the doubling.
 */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const sign = i32x4.splat(0x80000000);
  const negative = f32x4.pmax(v128.or(x, sign), f32x4.splat(-20));
  const shift = f32x4.splat(roundingShift + 127);
  const shifted = madd(negative, f32x4.splat(2 * log2E), shift);
  const n = f32x4.sub(shifted, shift);
  const r = nmadd(n, f32x4.splat(0.5 * ln2Low), nmadd(n, f32x4.splat(0.5 * ln2High), negative));
  // (e^(2r) − 1)/2 = r + r²·(…), the coefficients of `expTail` times powers of 2.
  let sum = madd(f32x4.splat(32 * 0.00138825107), r, f32x4.splat(16 * 0.00836654739));
  sum = madd(sum, r, f32x4.splat(8 * 0.0416672008));
  sum = madd(sum, r, f32x4.splat(4 * 0.166665434));
  sum = madd(sum, r, f32x4.splat(2 * 0.49999998));
  const q = madd(sum, f32x4.mul(r, r), r);
  const scale = i32x4.shl(shifted, 23);
  const half = f32x4.splat(0.5);
  const v = madd(q, scale, madd(scale, half, f32x4.splat(-0.5)));
  const size = f32x4.abs(f32x4.div(v, f32x4.add(v, f32x4.splat(1))));
  return v128.or(size, v128.and(x, sign));
}
