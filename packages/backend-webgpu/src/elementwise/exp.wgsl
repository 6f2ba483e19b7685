//! include map.wgsl
//! include ../math/exp.wgsl

fn apply(bits: u32) -> u32 {
  return bitcast<u32>(expOf(bitcast<f32>(bits)));
}
