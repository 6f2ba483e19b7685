//! include float.wgsl

// Floats as integers of the same order, so that their maximum needs no comparison of floats. NaN comes out above infinity.
fn orderOf(v: f32) -> i32 {
  let bits = bitcast<i32>(v);
  return select(bits ^ ((bits >> 31u) & 0x7fffffff), 0x7fc00000, isNan(v));
}

fn fromOrder(order: i32) -> f32 {
  return bitcast<f32>(order ^ ((order >> 31u) & 0x7fffffff));
}
