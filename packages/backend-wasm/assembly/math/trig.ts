import { madd } from './madd';

/** π/2 in two parts; the first has 25 bits, so that its products with integers up to 2²⁸ are exact in f64. */
const halfPiHigh: f64 = 1.5707963109016418;
const halfPiLow: f64 = 1.5893254773528196e-8;

/** Beyond this the reduction below would lose digits; such lanes take the scalar function. */
const largest: f32 = 1e8;

/** `sin x` on four lanes, within 1 ulp of the result; NaN at ±∞. */
@inline
export function sin4(x: v128): v128 {
  return v128.any_true(f32x4.gt(f32x4.abs(x), f32x4.splat(largest))) ? each(x, false) : sineOf(x);
}

/** `cos x` on four lanes, within 1 ulp of the result; NaN at ±∞. */
@inline
export function cos4(x: v128): v128 {
  return v128.any_true(f32x4.gt(f32x4.abs(x), f32x4.splat(largest))) ? each(x, true) : reduced(x, 1);
}

/** As `reduced`, keeping −0 and the smallest numbers as they are. */
@inline
function sineOf(x: v128): v128 {
  return v128.bitselect(x, reduced(x, 0), f32x4.lt(f32x4.abs(x), f32x4.splat(1e-5)));
}

/** The scalar function, lane by lane. */
function each(x: v128, cosine: bool): v128 {
  let result = x;
  for (let lane = 0; lane < 4; lane++) {
    const value = <f64>f32x4.extract_lane(result, 0);
    result = f32x4.replace_lane(result, 0, <f32>(cosine ? NativeMath.cos(value) : NativeMath.sin(value)));
    result = v128.shuffle<f32>(result, result, 1, 2, 3, 0);
  }
  return result;
}

/** Sine (`turn` 0) or cosine (`turn` 1, a quarter turn ahead) for |x| ≤ `largest`: `x = n·π/2 + r`, reduced in f64. */
function reduced(x: v128, turn: i32): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
  const nLow = f64x2.nearest(f64x2.mul(low, f64x2.splat(0.6366197723675814)));
  const nHigh = f64x2.nearest(f64x2.mul(high, f64x2.splat(0.6366197723675814)));
  const r = v128.shuffle<f32>(remainder(low, nLow), remainder(high, nHigh), 0, 1, 4, 5);
  const n = v128.shuffle<i32>(i32x4.trunc_sat_f64x2_s_zero(nLow), i32x4.trunc_sat_f64x2_s_zero(nHigh), 0, 1, 4, 5);
  const quarter = i32x4.add(n, i32x4.splat(turn));
  const square = f32x4.mul(r, r);
  let sine = madd(f32x4.splat(-0.000195146309), square, f32x4.splat(0.00833215604));
  sine = madd(sine, square, f32x4.splat(-0.166666545));
  sine = madd(sine, f32x4.mul(square, r), r);
  let cosine = madd(f32x4.splat(0.0000244324128), square, f32x4.splat(-0.00138873099));
  cosine = madd(cosine, square, f32x4.splat(0.0416666456));
  cosine = madd(cosine, f32x4.mul(square, square), madd(f32x4.splat(-0.5), square, f32x4.splat(1)));
  const odd = i32x4.ne(v128.and(quarter, i32x4.splat(1)), i32x4.splat(0));
  const flip = i32x4.shl(i32x4.shr_u(quarter, 1), 31);
  return v128.xor(v128.bitselect(cosine, sine, odd), flip);
}

/** `x − n·π/2` as f32, in the two low lanes. */
@inline
function remainder(x: v128, n: v128): v128 {
  const coarse = f64x2.sub(x, f64x2.mul(n, f64x2.splat(halfPiHigh)));
  return f32x4.demote_f64x2_zero(f64x2.sub(coarse, f64x2.mul(n, f64x2.splat(halfPiLow))));
}
