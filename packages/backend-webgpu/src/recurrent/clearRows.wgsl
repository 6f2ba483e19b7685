// A copy of rows, zeros where their mask is 0, whatever stands there.

struct Params {
  size: u32,
  width: u32,
  start: u32,
  maskStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mask: array<i32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) { return; }
  var value = 0.0;
  if (mask[params.maskStart + i / params.width] != 0i) { value = x[params.start + i]; }
  result[i] = value;
}
