//! include map.wgsl
//! include ../math/larger.wgsl

// Which function: its place in `basic` of unary.ts.
override OP: u32 = 0;

fn floorOf(v: f32) -> f32 {
  let bits = bitcast<u32>(v);
  let size = bits & SIZE_BITS;
  if (size < 0x3f800000u) {
    return bitcast<f32>(select(bits & SIGN_BIT, bitcast<u32>(-1.0), bits > SIGN_BIT));
  }
  // From 2²³ on every float is whole, and infinity and NaN are more.
  return orBits(floor(v), bits, size >= 0x4b000000u);
}

fn signOf(bits: u32) -> u32 {
  let size = bits & SIZE_BITS;
  return select((bits & SIGN_BIT) | bitcast<u32>(1.0), bits, size == 0u || size > INFINITY_BITS);
}

// NaN below 0, −0 and infinity as they are.
fn rootOf(v: f32) -> f32 {
  let bits = bitcast<u32>(v);
  let size = bits & SIZE_BITS;
  if (size < 0x00800000u) {
    // A subnormal number, which devices may take for 0, is an integer times 2⁻¹⁴⁹.
    return orBits(sqrt(f32(size) * 2.0) * 0x1p-75, select(bits, NAN_BITS, size != 0u), bits >= SIGN_BIT);
  }
  let root = orBits(sqrt(v), bits, size >= INFINITY_BITS);
  return orBits(root, NAN_BITS, bits > SIGN_BIT && size <= INFINITY_BITS);
}

// Toward 0, at most the ends of the range, 0 for NaN.
fn truncated(v: f32) -> i32 {
  let size = bitcast<u32>(v) & SIZE_BITS;
  let end = select(0x7fffffff, i32(-0x7fffffff - 1), (bitcast<u32>(v) & SIGN_BIT) != 0u);
  return select(select(i32(orBits(v, 0u, size >= 0x4f000000u)), end, size >= 0x4f000000u), 0, size > INFINITY_BITS);
}

fn apply(bits: u32) -> u32 {
  let v = bitcast<f32>(bits);
  let n = i32(bits);
  switch OP {
    case 0u: { return bits ^ SIGN_BIT; }
    case 1u: { return bits & SIZE_BITS; }
    case 2u: { return signOf(bits); }
    case 3u: { return maximumOf(bits, 0u); }
    case 4u: { return bitcast<u32>(floorOf(v)); }
    case 5u: { return bitcast<u32>(rootOf(v)); }
    case 6u: { return u32(truncated(v)); }
    case 7u: { return bitcast<u32>(f32(n)); }
    case 8u: { return u32(-n); }
    case 9u: { return u32(abs(n)); }
    case 10u: { return u32(sign(n)); }
    default: { return u32(max(n, 0)); }
  }
}
