// Puts the initial carry where steps look for the state before them, and zeros where vectors reach beyond the units.

struct Params {
  // `⌈B/4⌉ · 4·⌈H/4⌉ · 4`.
  size: u32,
  batch: u32,
  hidden: u32,
  // Row of `states` and `activations` that stands before the step that runs first.
  row: u32,
  h0: u32,
  c0: u32,
  kept: u32,
  isLstm: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> h0: array<f32>;
@group(0) @binding(2) var<storage, read> c0: array<f32>;
@group(0) @binding(3) var<storage, read_write> first: array<f32>;
@group(0) @binding(4) var<storage, read_write> second: array<f32>;
@group(0) @binding(5) var<storage, read_write> states: array<f32>;
@group(0) @binding(6) var<storage, read_write> activations: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) { return; }
  let h = params.hidden;
  let padded = (h + 3u) / 4u * 4u;
  let row = i / 4u / padded * 4u + i % 4u;
  let unit = i / 4u % padded;
  first[i] = 0.0;
  second[i] = 0.0;
  if (row >= params.batch || unit >= h) { return; }
  let state = h0[params.h0 + row * h + unit];
  first[i] = state;
  states[(params.row + row) * h + unit] = state;
  if (params.isLstm != 0u) {
    activations[((params.row + row) * params.kept + 4u) * h + unit] = c0[params.c0 + row * h + unit];
  }
}
