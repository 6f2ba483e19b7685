// Sorts one stretch of indices: `order` lists its places by row, and places of one row as they come; `runs` says at the first
// place of each row how many there are, and 0 at the others. Indices outside come last and are no run.

struct Params {
  rows: u32,
  begin: u32,
  count: u32,
  indicesStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read_write> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> runs: array<u32>;

var<workgroup> tile: array<u32, 256>;

fn rowAt(i: u32) -> u32 {
  if (i >= params.count) {
    return 0xffffffffu;
  }
  let row = u32(indices[params.indicesStart + params.begin + i]);
  return select(0xfffffffeu, row, row < params.rows);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 256u + lane;
  let row = rowAt(i);
  var less = 0u;
  var before = 0u;
  var equal = 0u;
  for (var first = 0u; first < params.count; first += 256u) {
    tile[lane] = rowAt(first + lane);
    workgroupBarrier();
    for (var k = 0u; k < 256u; k++) {
      let other = tile[k];
      let same = u32(other == row);
      less += u32(other < row);
      equal += same;
      before += select(0u, same, first + k < i);
    }
    workgroupBarrier();
  }
  if (i < params.count) {
    order[less + before] = params.begin + i;
    runs[less + before] = select(0u, equal, before == 0u && row < params.rows);
  }
}
