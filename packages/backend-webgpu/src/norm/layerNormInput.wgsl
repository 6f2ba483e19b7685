// Gradient of layer normalisation's input. With x̂ = (x − mean)·rstd and u = g ⊙ weight:
// dx = rstd·(u − mean(u) − x̂·mean(u ⊙ x̂))

//! include rowLanes.wgsl

struct Params {
  rows: u32,
  length: u32,
  start: u32,
  weightStart: u32,
  meanStart: u32,
  rstdStart: u32,
  cotangentStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> rstds: array<f32>;
@group(0) @binding(5) var<storage, read> cotangent: array<f32>;
@group(0) @binding(6) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x + group.y * groups.x) * (256u / LANES) + lane / LANES;
  let inside = row < params.rows;
  let count = select(0u, params.length, inside);
  let base = row * params.length;
  let first = lane % LANES;
  let mean = means[params.meanStart + select(0u, row, inside)];
  let rstd = rstds[params.rstdStart + select(0u, row, inside)];

  var sum = 0.0;
  var sumWithNormal = 0.0;
  for (var c = first; c < count; c += LANES) {
    let u = cotangent[params.cotangentStart + base + c] * weight[params.weightStart + c];
    sum += u;
    sumWithNormal += u * ((x[params.start + base + c] - mean) * rstd);
  }
  let averages = sumOfRow(vec3f(sum, sumWithNormal, 0.0), lane) / f32(params.length);

  for (var c = first; c < count; c += LANES) {
    let u = cotangent[params.cotangentStart + base + c] * weight[params.weightStart + c];
    let normal = (x[params.start + base + c] - mean) * rstd;
    result[base + c] = rstd * (u - averages.x - normal * averages.y);
  }
}
