// WGSL lets a compiler assume that there is no NaN and no infinity; bits cannot be assumed away.
fn isNan(v: f32) -> bool {
  return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

// -1, 0 or 1, and NaN for NaN.
fn signOf(v: f32) -> f32 {
  return select(sign(v), v, isNan(v));
}
