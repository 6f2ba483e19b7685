//! include map.wgsl
//! include ../math/trig.wgsl

// 0 is sin, 1 cos, a quarter turn ahead.
override OP: u32 = 0;

fn apply(bits: u32) -> u32 {
  return sineOf(bits, OP);
}
