// Rows by number; V is one element or four.

struct Params {
  size: u32,
  length: u32,
  rows: u32,
  start: u32,
  indicesStart: u32,
  outside: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<V>;
@group(0) @binding(2) var<storage, read> indices: array<i32>;
@group(0) @binding(3) var<storage, read_write> result: array<V>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) {
    return;
  }
  let row = u32(indices[params.indicesStart + i / params.length]);
  if (row < params.rows) {
    result[i] = x[params.start + row * params.length + i % params.length];
  } else {
    result[i] = V(params.outside);
  }
}
