//! include ../math/half.wgsl
// Four numbers a thread as halves; then two a thread as they are.

struct Params {
  // Threads of both.
  size: u32,
  halves: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> result: array<vec2u>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) { return; }
  if (i < params.halves) {
    let v = x[i];
    result[i] = bitcast<vec2u>(vec4<Half>(halfOf(v.x), halfOf(v.y), halfOf(v.z), halfOf(v.w)));
    return;
  }
  let j = i - params.halves;
  let v = bitcast<vec4u>(x[params.halves + j / 2u]);
  result[i] = select(v.xy, v.zw, j % 2u == 1u);
}
