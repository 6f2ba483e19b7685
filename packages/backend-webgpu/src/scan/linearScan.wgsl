// `h_t = a_t ⊙ h_{t−1} + b_t`, a thread for each column.

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
  for (var t = 0u; t < params.time; t++) {
    let at = t * params.width + column;
    state = a[params.aStart + at] * state + b[params.bStart + at];
    h[at] = state;
  }
}
