//! include float.wgsl
//! include wide.wgsl

// The bits of 2/π behind the point, after 32 zeros.
const TWO_OVER_PI = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);

// 32 bits of 2/π from bit `first` on.
fn window(first: u32) -> u32 {
  let word = first >> 5u;
  let shift = first & 31u;
  return (TWO_OVER_PI[word] << shift) | ((TWO_OVER_PI[word + 1u] >> 1u) >> (31u - shift));
}

struct Reduced {
  // Less than π/4, with the sign of x taken off.
  r: f32,
  quarter: u32,
}

// `|x| = quarter·π/2 + r` in integers, which no float is too large for, and no compiler rearranges: |x| times 96 bits of 2/π, of which
// those are left out that only add whole turns.
fn reduce(size: u32) -> Reduced {
  if (size <= 0x3f490fdau) {
    return Reduced(bitcast<f32>(size), 0u);
  }
  // x is mantissa · 2^(exponent); the first bit of the window counts two quarters.
  let mantissa = (size & 0x007fffffu) | 0x00800000u;
  let first = (size >> 23u) - 150u + 30u;
  let high = vec2u(0u, mantissa * window(first));
  let low = multiplyWide(mantissa, window(first + 64u)).y;
  let turns = addWide(addWide(high, multiplyWide(mantissa, window(first + 32u))), vec2u(low, 0u));
  // Two bits of quarters, and 62 behind the point; rounded to the nearest quarter.
  let quarter = (turns.y + 0x20000000u) >> 30u;
  let left = vec2u(turns.x, turns.y - (quarter << 30u));
  let negative = left.y >= SIGN_BIT;
  let rest = select(left, negateWide(left), negative);
  // π/2 · 2⁻³⁰ for the high word.
  let r = (f32(rest.y) + f32(rest.x) * 0x1p-32) * 1.46291807926715968e-9;
  return Reduced(select(r, -r, negative), quarter);
}

// Sine of bits as bits, within 3 ulp, or that of `ahead` quarter turns further; NaN of infinity.
fn sineOf(bits: u32, ahead: u32) -> u32 {
  let size = bits & SIZE_BITS;
  if (size >= INFINITY_BITS) {
    return select(NAN_BITS, bits, size > INFINITY_BITS);
  }
  let reduced = reduce(size);
  let r = reduced.r;
  let square = r * r;
  let sine = fma(fma(fma(-0.000195146309, square, 0.00833215604), square, -0.166666545), square * r, r);
  let tail = fma(fma(0.0000244324128, square, -0.00138873099), square, 0.0416666456);
  let cosine = fma(tail, square * square, fma(-0.5, square, 1.0));
  let quarter = reduced.quarter + ahead;
  let value = bitcast<u32>(select(sine, cosine, (quarter & 1u) == 1u)) ^ ((quarter & 2u) << 30u);
  // Sine is odd, and below 2⁻¹² it is x.
  if (ahead == 1u) {
    return value;
  }
  return select(value ^ (bits & SIGN_BIT), bits, size < 0x39800000u);
}
