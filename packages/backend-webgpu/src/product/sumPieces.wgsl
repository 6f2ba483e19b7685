//! include problem.wgsl

// Sums of the pieces, `[pieces, batch, m, n]`.
@group(0) @binding(1) var<storage, read> sums: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

// C is the sum of its pieces, 16 at a time: the error grows with the root of their number. No piece gives 0.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  let each = params.m * params.n;
  let item = i / each;
  if (item >= params.batch) {
    return;
  }
  let row = (i % each) / params.n;
  let column = i % params.n;
  var value = 0.0;
  for (var first = 0u; first < params.pieces; first += 16u) {
    var some = 0.0;
    for (var piece = first; piece < min(first + 16u, params.pieces); piece++) {
      some += sums[piece * params.outPiece + i];
    }
    value += some;
  }
  if (has(withBias)) {
    value += bias[params.biasStart + column];
  }
  let at = startsOf(item, 0u).out + row * params.outRow + column * params.outColumn;
  if (has(accumulate)) {
    value += result[at];
  }
  result[at] = value;
}
