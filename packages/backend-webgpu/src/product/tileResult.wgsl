// Terms that are summed up before what there is goes to memory.
override BLOCK: u32 = 1024;

@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

// Four rows of four columns.
struct Block {
  x: vec4f,
  y: vec4f,
  z: vec4f,
  w: vec4f,
}

// Of all slices but the first, a row of four columns of each thread.
override SUMS: u32 = (SLICES - 1) * (THREADS / SLICES) + 1;
var<workgroup> sliceSums: array<vec4f, SUMS>;

// The first slice's threads get the sums of all slices, in order.
fn sumRow(value: vec4f, slice: u32, thread: u32) -> vec4f {
  let each = THREADS / SLICES;
  if (slice > 0u) {
    sliceSums[(slice - 1u) * each + thread] = value;
  }
  workgroupBarrier();
  var sum = value;
  if (slice == 0u) {
    for (var other = 0u; other < SLICES - 1u; other++) {
      sum += sliceSums[other * each + thread];
    }
  }
  workgroupBarrier();
  return sum;
}

fn putOne(value: f32, at: u32, add: bool) {
  var old = 0.0;
  if (add) {
    old = result[at];
  }
  result[at] = old + value;
}

fn putRow(values: vec4f, row: u32, columns: vec4u, start: u32, add: bool) {
  if (row >= params.m) {
    return;
  }
  let at = start + row * params.outRow + columns * params.outColumn;
  if (columns.x < params.n) {
    putOne(values.x, at.x, add);
  }
  if (columns.y < params.n) {
    putOne(values.y, at.y, add);
  }
  if (columns.z < params.n) {
    putOne(values.z, at.z, add);
  }
  if (columns.w < params.n) {
    putOne(values.w, at.w, add);
  }
}

// Stores the rows and columns of one slot each, or with `again` adds them to what this thread stored there before.
fn put(block: Block, row: u32, column: u32, start: u32, again: bool) {
  let columns = vec4u(column, column + COLUMN_SLOTS, column + 2u * COLUMN_SLOTS, column + 3u * COLUMN_SLOTS);
  var added = vec4f();
  if (has(withBias) && !again) {
    let i = params.biasStart + min(columns, vec4u(params.n - 1u));
    added = vec4f(bias[i.x], bias[i.y], bias[i.z], bias[i.w]);
  }
  let add = again || has(accumulate);
  putRow(block.x + added, row, columns, start, add);
  putRow(block.y + added, row + ROW_SLOTS, columns, start, add);
  putRow(block.z + added, row + 2u * ROW_SLOTS, columns, start, add);
  putRow(block.w + added, row + 3u * ROW_SLOTS, columns, start, add);
}

// As `put`, of the sum of all slices' blocks; the whole workgroup takes part.
fn putSlices(block: Block, slice: u32, thread: u32, row: u32, column: u32, start: u32, again: bool) {
  if (SLICES == 1u) {
    put(block, row, column, start, again);
    return;
  }
  let x = sumRow(block.x, slice, thread);
  let y = sumRow(block.y, slice, thread);
  let z = sumRow(block.z, slice, thread);
  let w = sumRow(block.w, slice, thread);
  if (slice == 0u) {
    put(Block(x, y, z, w), row, column, start, again);
  }
}
