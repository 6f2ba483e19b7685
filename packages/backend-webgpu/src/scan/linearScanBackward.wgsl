// Gradients of the linear recurrence from g = dL/dh. With the adjoint λ_t = g_t + a_{t+1} ⊙ λ_{t+1}:
// da_t = λ_t ⊙ h_{t−1}, db_t = λ_t, dh0 = a_0 ⊙ λ_0. A thread for each column.

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
  for (var t = params.time; t > 0u; t--) {
    let at = (t - 1u) * params.width + column;
    let adjoint = cotangent[params.cotangentStart + at] + carried;
    var before = 0.0;
    if (t > 1u) {
      before = h[params.hStart + at - params.width];
    } else {
      before = h0[params.h0Start + column];
    }
    aGradient[at] = adjoint * before;
    bGradient[at] = adjoint;
    carried = a[params.aStart + at] * adjoint;
  }
  h0Gradient[column] = carried;
}
