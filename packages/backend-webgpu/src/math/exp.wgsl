//! include float.wgsl
//! include expReduced.wgsl

// The bits of `power · 2ⁿ`, for the bits of a power from ½ to 2; subnormal where the device has such numbers.
fn scaled(power: u32, n: i32) -> u32 {
  // n is added to the exponent; what would be below the normal numbers is made 2⁶⁴ times too large first.
  let small = bitcast<f32>(power + (u32(max(n, -160) + 64) << 23u)) * 0x1p-64;
  return select(min(power + (u32(n) << 23u), INFINITY_BITS), bitcast<u32>(small), n < -125);
}

// `eˣ`, within 2 ulp; infinity and 0 where they are due; NaN stays NaN.
fn expOf(x: f32) -> f32 {
  let within = clamp(x, -104.0, 89.0);
  let n = i32(round(within * LOG2_E));
  let power = bitcast<u32>(1.0 + expReduced(reduceByLn2(within, n)));
  return bitcast<f32>(select(scaled(power, n), bitcast<u32>(x), isNan(x)));
}
