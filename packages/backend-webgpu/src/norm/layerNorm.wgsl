// Normalises rows: `(x − mean)·rstd ⊙ weight + bias`, rstd = 1/√(var + ε).

//! include rowLanes.wgsl

struct Params {
  rows: u32,
  length: u32,
  start: u32,
  weightStart: u32,
  biasStart: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;
@group(0) @binding(5) var<storage, read_write> means: array<f32>;
@group(0) @binding(6) var<storage, read_write> rstds: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x + group.y * groups.x) * (256u / LANES) + lane / LANES;
  let count = select(0u, params.length, row < params.rows);
  let base = params.start + row * params.length;
  let first = lane % LANES;

  var sum = 0.0;
  for (var c = first; c < count; c += LANES) {
    sum += x[base + c];
  }
  let mean = sumOfRow(vec3f(sum), lane).x / f32(params.length);
  var squares = 0.0;
  for (var c = first; c < count; c += LANES) {
    let difference = x[base + c] - mean;
    squares += difference * difference;
  }
  let rstd = 1.0 / sqrt(sumOfRow(vec3f(squares), lane).x / f32(params.length) + params.epsilon);

  for (var c = first; c < count; c += LANES) {
    let normal = (x[base + c] - mean) * rstd;
    result[row * params.length + c] = normal * weight[params.weightStart + c] + bias[params.biasStart + c];
  }
  if (first == 0u && row < params.rows) {
    means[row] = mean;
    rstds[row] = rstd;
  }
}
