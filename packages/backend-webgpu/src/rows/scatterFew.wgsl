// Adds up the updates of each row, in the order of the indices, `[rows, width]`: a thread for each element of the result looks
// through all indices. For few of them: nothing is waited for, which costs more than the search.

struct Params {
  width: u32,
  count: u32,
  size: u32,
  indicesStart: u32,
  updatesStart: u32,
  resultStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read> updates: array<T>;
@group(0) @binding(3) var<storage, read_write> result: array<T>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (group.x + group.y * groups.x) * 256u + lane;
  if (at >= params.size) {
    return;
  }
  let row = i32(at / params.width);
  let base = params.updatesStart + at % params.width;
  var total = T(0);
  for (var i = 0u; i < params.count; i++) {
    if (indices[params.indicesStart + i] == row) {
      total += updates[base + i * params.width];
    }
  }
  result[params.resultStart + at] = total;
}
