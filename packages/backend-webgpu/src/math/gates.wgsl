//! include float.wgsl
//! include expReduced.wgsl

// `1 / (1 + e⁻ˣ)`, within 4 ulp: with `z = e^(−|x|)` it is `z/(1+z)` below 0 and 1 minus that above. 0 where it is subnormal; NaN stays NaN.
fn sigmoidOf(x: f32) -> f32 {
  let size = min(abs(x), 88.0);
  let n = i32(round(-size * LOG2_E));
  let z = powerOfTwo(n) * (1.0 + expReduced(reduceByLn2(-size, n)));
  let part = z / (1.0 + z);
  let value = select(1.0 - part, part, (bitcast<u32>(x) & SIGN_BIT) != 0u);
  return orBits(value, bitcast<u32>(x), isNan(x));
}

// `tanh x`, within 4 ulp, also near 0; never beyond ±1; NaN stays NaN. With `q = e^(−2|x|) − 1`, which keeps its digits near 0, it is −q/(2+q).
fn tanhOf(x: f32) -> f32 {
  let twice = -2.0 * min(abs(x), 10.0);
  let n = i32(round(twice * LOG2_E));
  let scale = powerOfTwo(n);
  let q = fma(scale, expReduced(reduceByLn2(twice, n)), scale - 1.0);
  let size = bitcast<u32>(-q / (2.0 + q)) & SIZE_BITS;
  let bits = bitcast<u32>(x);
  return bitcast<f32>(select(size | (bits & SIGN_BIT), bits, isNan(x)));
}
