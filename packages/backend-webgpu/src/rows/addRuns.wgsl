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
  // In blocks, so that the error does not grow with the length of the run.
  var total = T(0);
  while (place < end) {
    var block = T(0);
    let stop = min(place + 64u, end);
    for (; place + 8u <= stop; place += 8u) {
      var eight = array<T, 8>();
      for (var k = 0u; k < 8u; k++) {
        eight[k] = updates[base + order[place + k] * params.width];
      }
      block += ((eight[0] + eight[1]) + (eight[2] + eight[3])) + ((eight[4] + eight[5]) + (eight[6] + eight[7]));
    }
    for (; place < stop; place++) {
      block += updates[base + order[place] * params.width];
    }
    total += block;
  }
  result[params.resultStart + row * params.width + column] += total;
}
