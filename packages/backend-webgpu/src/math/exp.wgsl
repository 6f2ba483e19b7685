//! include float.wgsl
//! include expReduced.wgsl

// `eˣ`, within 2 ulp; infinity and 0 where they are due, subnormal results where the device has them; NaN stays NaN.
fn expOf(x: f32) -> f32 {
  let within = clamp(x, -104.0, 89.0);
  let n = i32(round(within * LOG2_E));
  let power = bitcast<u32>(1.0 + expReduced(reduceByLn2(within, n)));
  // 2ⁿ is added to the exponent; what would be below the normal numbers is made 2⁶⁴ times too large first.
  let bits = min(power + (u32(n) << 23u), INFINITY_BITS);
  let small = bitcast<u32>(bitcast<f32>(power + (u32(n + 64) << 23u)) * 0x1p-64);
  return bitcast<f32>(select(select(bits, small, n < -125), bitcast<u32>(x), isNan(x)));
}
