//! include float.wgsl

// f16's largest number; finite ones beyond it become it.
const LARGEST_HALF = 65504.0;

// The nearest of f16. Infinities and NaN, which a conversion need not keep, are put together from bits.
fn halfOf(x: f32) -> Half {
  let bits = bitcast<u32>(x);
  let size = bits & SIZE_BITS;
  let special = ((bits >> 16u) & 0x8000u) | select(0x7c00u, 0x7e00u, size > INFINITY_BITS);
  if (size >= INFINITY_BITS) { return bitcast<vec2<Half>>(special).x; }
  return Half(clamp(x, -LARGEST_HALF, LARGEST_HALF));
}
