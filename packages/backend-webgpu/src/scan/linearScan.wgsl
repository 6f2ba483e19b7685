// `h_t = a_t ⊙ h_{t−1} + b_t`, a thread for each column, eight steps at a time: what does not depend on the state is loaded ahead.

struct Params {
  time: u32,
  width: u32,
  aStart: u32,
  bStart: u32,
  h0Start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> h0: array<f32>;
@group(0) @binding(4) var<storage, read_write> h: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = (group.x + group.y * groups.x) * 64u + lane;
  if (column >= params.width) {
    return;
  }
  var state = h0[params.h0Start + column];
  var t = 0u;
  for (; t + 8u <= params.time; t += 8u) {
    let at = t * params.width + column;
    var factors = array<f32, 8>();
    var terms = array<f32, 8>();
    for (var k = 0u; k < 8u; k++) {
      factors[k] = a[params.aStart + at + k * params.width];
      terms[k] = b[params.bStart + at + k * params.width];
    }
    for (var k = 0u; k < 8u; k++) {
      state = factors[k] * state + terms[k];
      h[at + k * params.width] = state;
    }
  }
  for (; t < params.time; t++) {
    let at = t * params.width + column;
    state = a[params.aStart + at] * state + b[params.bStart + at];
    h[at] = state;
  }
}
