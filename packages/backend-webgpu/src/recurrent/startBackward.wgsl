// Puts the final carry's cotangents where steps look for what comes from the step after, and zeros all around.

struct Params {
  // `⌈B/4⌉ · (G + 2) · 4·⌈H/4⌉ · 4`.
  size: u32,
  batch: u32,
  hidden: u32,
  h: u32,
  c: u32,
  gates: u32,
  hasH: u32,
  hasC: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> ofH: array<f32>;
@group(0) @binding(2) var<storage, read> ofC: array<f32>;
@group(0) @binding(3) var<storage, read_write> first: array<f32>;
@group(0) @binding(4) var<storage, read_write> second: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) { return; }
  let padded = (params.hidden + 3u) / 4u * 4u;
  let section = i / 4u / padded;
  let row = section / (params.gates + 2u) * 4u + i % 4u;
  let unit = i / 4u % padded;
  var value = 0.0;
  if (row < params.batch && unit < params.hidden) {
    let at = row * params.hidden + unit;
    if (params.hasH != 0u && section % (params.gates + 2u) == params.gates) { value = ofH[params.h + at]; }
    if (params.hasC != 0u && section % (params.gates + 2u) == params.gates + 1u) { value = ofC[params.c + at]; }
  }
  first[i] = value;
  second[i] = 0.0;
}
