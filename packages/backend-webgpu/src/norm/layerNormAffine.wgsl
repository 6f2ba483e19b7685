// Gradients of layer normalisation's weight, Σ g ⊙ x̂, and bias, Σ g, over the rows of one part: `[parts, length]` each.
// A workgroup takes 32 columns of one part, eight threads a column.

struct Params {
  rows: u32,
  length: u32,
  chunk: u32,
  tiles: u32,
  parts: u32,
  start: u32,
  meanStart: u32,
  rstdStart: u32,
  cotangentStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> means: array<f32>;
@group(0) @binding(3) var<storage, read> rstds: array<f32>;
@group(0) @binding(4) var<storage, read> cotangent: array<f32>;
@group(0) @binding(5) var<storage, read_write> weightGradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> biasGradient: array<f32>;

var<workgroup> shares: array<vec2f, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let number = group.x + group.y * groups.x;
  let part = number / params.tiles;
  let column = number % params.tiles * 32u + lane % 32u;
  let inside = part < params.parts && column < params.length;
  let end = select(0u, min((part + 1u) * params.chunk, params.rows), inside);
  var share = vec2f();
  for (var row = part * params.chunk + lane / 32u; row < end; row += 8u) {
    let at = row * params.length + column;
    let g = cotangent[params.cotangentStart + at];
    let normal = (x[params.start + at] - means[params.meanStart + row]) * rstds[params.rstdStart + row];
    share += vec2f(g * normal, g);
  }
  shares[lane] = share;
  for (var half = 128u; half >= 32u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      shares[lane] += shares[lane + half];
    }
  }
  if (lane < 32u && inside) {
    weightGradient[part * params.length + column] = shares[lane].x;
    biasGradient[part * params.length + column] = shares[lane].y;
  }
}
