//! include problem.wgsl

// A is a matrix of ones: the product's rows are sums of B's columns.
override ONES: bool = false;
override BIAS: bool = false;
override ACCUMULATE: bool = false;

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

// One element a thread; the sum over k in blocks of 256, so that its error does not grow with k.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  let each = params.m * params.n;
  let item = i / each;
  if (item >= params.batch) {
    return;
  }
  let starts = startsOf(item);
  let row = (i % each) / params.n;
  let column = i % params.n;
  var x = starts.a + row * params.aRow;
  var y = starts.b + column * params.bColumn;
  var total = 0.0;
  for (var first = 0u; first < params.k; first += 256u) {
    var block = 0.0;
    for (var p = first; p < min(first + 256u, params.k); p++) {
      if (ONES) {
        block += b[y];
      } else {
        block = fma(a[x], b[y], block);
      }
      x += params.aStep;
      y += params.bStep;
    }
    total += block;
  }
  if (BIAS) {
    total += bias[params.biasStart + column];
  }
  let o = starts.out + row * params.outRow + column * params.outColumn;
  if (ACCUMULATE) {
    total += result[o];
  }
  result[o] = total;
}
