//! include map.wgsl
//! include ../math/gates.wgsl

// 0 is sigmoid, 1 tanh.
override OP: u32 = 0;

fn apply(bits: u32) -> u32 {
  if (OP == 0u) {
    return bitcast<u32>(sigmoidOf(bitcast<f32>(bits)));
  }
  return bitcast<u32>(tanhOf(bitcast<f32>(bits)));
}
