//! include pair.wgsl
//! include ../math/pow.wgsl

fn combine(a: u32, b: u32) -> u32 {
  return powOf(a, b);
}
