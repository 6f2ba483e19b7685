import { LN2_HIGH, LN2_LOW, constant } from './constants';
import { madd, nmadd } from './madd';

/** `ln(1 + f) − f + f²/2` for 1 + f from √½ to √2: minimax of the relative error of `ln(1 + f)`, which stays under 2⁻²⁷. */
@inline
function logTail(f: v128, square: v128): v128 {
  let sum = madd(f32x4.splat(-0.0763438734), f, f32x4.splat(0.127654276));
  sum = madd(sum, f, f32x4.splat(-0.131620042));
  sum = madd(sum, f, f32x4.splat(0.142013687));
  sum = madd(sum, f, f32x4.splat(-0.166231445));
  sum = madd(sum, f, f32x4.splat(0.200012359));
  sum = madd(sum, f, f32x4.splat(-0.250008268));
  sum = madd(sum, f, f32x4.splat(0.333333317));
  return f32x4.mul(sum, f32x4.mul(f, square));
}

/** `n·ln 2 + ln(1 + f) + correction`, small terms first. */
@inline
function assemble(n: v128, f: v128, correction: v128): v128 {
  const square = f32x4.mul(f, f);
  let tail = f32x4.add(madd(n, constant(LN2_LOW), correction), logTail(f, square));
  tail = nmadd(f32x4.splat(0.5), square, tail);
  return madd(n, constant(LN2_HIGH), f32x4.add(f, tail));
}

/** Exponent n, as an integer, of `x = 2ⁿ·m` with m from √½ to √2; x is positive and normal. */
@inline
function exponentOf(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
}

/** What ln is where x is 0, negative, infinite or NaN. */
@inline
function outside(x: v128, inside: v128): v128 {
  const zero = f32x4.splat(0);
  let result = v128.bitselect(inside, f32x4.splat(NaN), f32x4.ge(x, zero));
  result = v128.bitselect(f32x4.splat(-Infinity), result, f32x4.eq(x, zero));
  return v128.bitselect(x, result, f32x4.eq(x, f32x4.splat(Infinity)));
}

/** `ln x` on four lanes, within 2 ulp; −∞ at 0, NaN below. */
@inline
export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const normal = f32x4.mul(x, v128.bitselect(f32x4.splat(8388608), f32x4.splat(1), subnormal));
  const n = exponentOf(normal);
  const f = f32x4.sub(i32x4.sub(normal, i32x4.shl(n, 23)), f32x4.splat(1));
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(n), v128.and(subnormal, f32x4.splat(23)));
  return outside(x, assemble(exponent, f, f32x4.splat(0)));
}

/** `ln(1 + x)` on four lanes, within 2 ulp, also near 0; −∞ at −1, NaN below. */
@inline
export function log1p4(x: v128): v128 {
  const u = f32x4.add(x, f32x4.splat(1));
  const n = exponentOf(u);
  const near = i32x4.eq(n, i32x4.splat(0));
  const f = v128.bitselect(x, f32x4.sub(i32x4.sub(u, i32x4.shl(n, 23)), f32x4.splat(1)), near);
  // What rounding 1 + x lost, relative to it; where n is 0 nothing is lost, for x itself is used.
  const lost = f32x4.sub(x, f32x4.sub(u, f32x4.splat(1)));
  const correction = v128.andnot(f32x4.div(lost, u), near);
  const result = outside(u, assemble(f32x4.convert_i32x4_s(n), f, correction));
  return v128.bitselect(x, result, f32x4.lt(f32x4.abs(x), f32x4.splat(1e-10)));
}
