// Adds the updates of one sorted stretch to their rows, each row's in order: one thread for each first place and column.

struct Params {
  width: u32,
  size: u32,
  indicesStart: u32,
  updatesStart: u32,
  resultStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read> updates: array<T>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> runs: array<u32>;
@group(0) @binding(5) var<storage, read_write> result: array<T>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let thread = (group.x + group.y * groups.x) * 256u + lane;
  if (thread >= params.size) {
    return;
  }
  var place = thread / params.width;
  let end = place + runs[place];
  if (place == end) {
    return;
  }
  let column = thread % params.width;
  let row = u32(indices[params.indicesStart + order[place]]);
  let base = params.updatesStart + column;
  var total = T(0);
  for (; place + 8u <= end; place += 8u) {
    var block = array<T, 8>();
    for (var k = 0u; k < 8u; k++) {
      block[k] = updates[base + order[place + k] * params.width];
    }
    total += ((block[0] + block[1]) + (block[2] + block[3])) + ((block[4] + block[5]) + (block[6] + block[7]));
  }
  for (; place < end; place++) {
    total += updates[base + order[place] * params.width];
  }
  result[params.resultStart + row * params.width + column] += total;
}
