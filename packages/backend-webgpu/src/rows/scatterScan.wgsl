// Adds up the updates of each row, in the order of the indices: `[parts, rows, width]`, one part for each `chunk` of the indices.
// A workgroup takes one row, COLUMNS of its columns, and one part; it looks through the indices 2048 at a time.

//! include findRow.wgsl

override COLUMNS: u32 = 256;

struct Params {
  rows: u32,
  width: u32,
  count: u32,
  tiles: u32,
  chunk: u32,
  groups: u32,
  indicesStart: u32,
  updatesStart: u32,
  resultStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<i32>;
@group(0) @binding(2) var<storage, read> updates: array<T>;
@group(0) @binding(3) var<storage, read_write> result: array<T>;

var<workgroup> folded: array<T, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = group.x + group.y * groups.x;
  if (index >= params.groups) {
    return;
  }
  let row = index / params.tiles % params.rows;
  let part = index / params.tiles / params.rows;
  let column = index % params.tiles * COLUMNS + lane % COLUMNS;
  let others = 256u / COLUMNS;
  let base = params.updatesStart + min(column, params.width - 1u);
  let end = min((part + 1u) * params.chunk, params.count);
  var total = T(0);
  for (var begin = part * params.chunk; begin < end; begin += 2048u) {
    let hits = search(row, begin, end, lane);
    var block = T(0);
    var i = lane / COLUMNS;
    for (; i + 3u * others < hits; i += 4u * others) {
      let a = updates[base + found[i] * params.width];
      let b = updates[base + found[i + others] * params.width];
      let c = updates[base + found[i + 2u * others] * params.width];
      let d = updates[base + found[i + 3u * others] * params.width];
      block += (a + b) + (c + d);
    }
    for (; i < hits; i += others) {
      block += updates[base + found[i] * params.width];
    }
    total += block;
    workgroupBarrier();
  }
  folded[lane] = total;
  for (var half = 128u; half >= COLUMNS; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      folded[lane] += folded[lane + half];
    }
  }
  if (lane < COLUMNS && column < params.width) {
    result[params.resultStart + (part * params.rows + row) * params.width + column] = folded[lane];
  }
}
