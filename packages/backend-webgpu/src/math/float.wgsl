// WGSL lets a compiler assume that there is no NaN and no infinity, in comparisons, min, max and select too; what is done to bits
// cannot be assumed away. Functions work out special values as bits, and choose between bits.

const INFINITY_BITS = 0x7f800000u;
const NAN_BITS = 0x7fc00000u;
const SIGN_BIT = 0x80000000u;
const SIZE_BITS = 0x7fffffffu;

fn isNan(v: f32) -> bool {
  return (bitcast<u32>(v) & SIZE_BITS) > INFINITY_BITS;
}

// `v`, or what stands in `bits` where `other` holds.
fn orBits(v: f32, bits: u32, other: bool) -> f32 {
  return bitcast<f32>(select(bitcast<u32>(v), bits, other));
}
