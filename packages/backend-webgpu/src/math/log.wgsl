//! include float.wgsl
//! include expReduced.wgsl

// `ln(1 + f)` for 1 + f from √½ to √2, plus n·ln 2: minimax of the relative error, which stays under 2⁻²⁷.
fn logReduced(f: f32, n: f32) -> f32 {
  let square = f * f;
  var tail = fma(-0.0763438734, f, 0.127654276);
  tail = fma(tail, f, -0.131620042);
  tail = fma(tail, f, 0.142013687);
  tail = fma(tail, f, -0.166231445);
  tail = fma(tail, f, 0.200012359);
  tail = fma(tail, f, -0.250008268);
  tail = fma(tail, f, 0.333333317);
  let rest = fma(n, LN2_LOW, fma(tail, f * square, -0.5 * square));
  return fma(n, 0.693359375, f + rest);
}

// `ln x` of bits as bits, within 2 ulp, subnormal numbers too; −∞ at 0, NaN below.
fn logOf(bits: u32) -> u32 {
  // A subnormal number is shifted until its leading bit is where a normal one's is.
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x00800000u);
  let normal = select(bits, bits << shift, shift > 0u);
  let exponent = (i32(normal) - 0x3f3504f3) >> 23u;
  let f = bitcast<f32>(normal - (u32(exponent) << 23u)) - 1.0;
  let e = exponent - i32(shift);
  let value = bitcast<u32>(logReduced(f, f32(e)));
  let special = select(select(NAN_BITS, bits, (bits & SIZE_BITS) > INFINITY_BITS || bits == INFINITY_BITS), INFINITY_BITS | SIGN_BIT, (bits & SIZE_BITS) == 0u);
  return select(value, special, bits - 1u >= INFINITY_BITS - 1u);
}

// `ln(1 + x)` of bits as bits, within 3 ulp, also near 0; −∞ at −1, NaN below.
fn log1pOf(bits: u32) -> u32 {
  let x = bitcast<f32>(bits);
  let near = bitcast<u32>(logReduced(x, 0.0));
  let far = logOf(bitcast<u32>(1.0 + x));
  let size = bits & SIZE_BITS;
  // From √½ − 1 to √2 − 1; below 2⁻²⁶ it is x; a NaN stays as it is.
  let isNear = bits < 0x3ed413cdu || (bits >= SIGN_BIT && size < 0x3e95f61au);
  let value = select(far, near, isNear);
  return select(value, bits, size < 0x32800000u || size > INFINITY_BITS);
}
