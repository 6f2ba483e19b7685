struct Params {
  rows: u32,
  columns: u32,
  start: u32,
  // Tiles of a matrix, and of all.
  down: u32,
  across: u32,
  tiles: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

// A column more than the tile has, so that threads that read down a column reach different banks.
var<workgroup> tile: array<array<u32, 33>, 32>;

// Transposes matrices, each `[rows, columns]`, by tiles of 32 by 32: read by rows and written by rows.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = group.x + group.y * groups.x;
  let across = number % params.across;
  let down = number / params.across % params.down;
  let matrix = number / (params.across * params.down) * params.rows * params.columns;
  let inside = number < params.tiles;
  let x0 = lane & 31u;
  let y0 = lane >> 5u;
  for (var y = y0; y < 32u; y += 8u) {
    let row = down * 32u + y;
    let column = across * 32u + x0;
    if (inside && row < params.rows && column < params.columns) {
      tile[y][x0] = x[params.start + matrix + row * params.columns + column];
    }
  }
  workgroupBarrier();
  for (var y = y0; y < 32u; y += 8u) {
    let column = across * 32u + y;
    let row = down * 32u + x0;
    if (inside && row < params.rows && column < params.columns) {
      result[matrix + column * params.rows + row] = tile[x0][y];
    }
  }
}
