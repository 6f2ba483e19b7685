// Gradients of the linear recurrence from g = dL/dh. With the adjoint λ_t = g_t + a_{t+1} ⊙ λ_{t+1}:
// da_t = λ_t ⊙ h_{t−1}, db_t = λ_t, dh0 = a_0 ⊙ λ_0. A thread for each column, eight steps at a
// time: what does not depend on the adjoint is loaded ahead.

struct Params {
  time: u32,
  width: u32,
  aStart: u32,
  hStart: u32,
  h0Start: u32,
  cotangentStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> h: array<f32>;
@group(0) @binding(3) var<storage, read> h0: array<f32>;
@group(0) @binding(4) var<storage, read> cotangent: array<f32>;
@group(0) @binding(5) var<storage, read_write> aGradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> bGradient: array<f32>;
@group(0) @binding(7) var<storage, read_write> h0Gradient: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = (group.x + group.y * groups.x) * 64u + lane;
  if (column >= params.width) {
    return;
  }
  var carried = 0.0;
  var t = params.time;
  // The step before which h0 stands is left to the loop below.
  for (; t > 8u; t -= 8u) {
    let at = (t - 1u) * params.width + column;
    var factors = array<f32, 8>();
    var states = array<f32, 8>();
    var cotangents = array<f32, 8>();
    for (var k = 0u; k < 8u; k++) {
      factors[k] = a[params.aStart + at - k * params.width];
      states[k] = h[params.hStart + at - (k + 1u) * params.width];
      cotangents[k] = cotangent[params.cotangentStart + at - k * params.width];
    }
    for (var k = 0u; k < 8u; k++) {
      let adjoint = cotangents[k] + carried;
      aGradient[at - k * params.width] = adjoint * states[k];
      bGradient[at - k * params.width] = adjoint;
      carried = factors[k] * adjoint;
    }
  }
  for (; t > 0u; t--) {
    let at = (t - 1u) * params.width + column;
    let adjoint = cotangent[params.cotangentStart + at] + carried;
    var before = h0[params.h0Start + column];
    if (t > 1u) {
      before = h[params.hStart + at - params.width];
    }
    aGradient[at] = adjoint * before;
    bGradient[at] = adjoint;
    carried = a[params.aStart + at] * adjoint;
  }
  h0Gradient[column] = carried;
}
