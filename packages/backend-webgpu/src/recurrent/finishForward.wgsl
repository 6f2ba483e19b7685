// Copies the carry after the last step, and where there is a mask, makes the output: the states, 0 where the mask is 0.

const SKIPPED = -2i;

struct Params {
  // Rows of the output, `T·B`, or of the carry, `B`.
  rows: u32,
  batch: u32,
  hidden: u32,
  // First rows of `states` and `activations`: of the output, and of the carry.
  outputRow: u32,
  carryRow: u32,
  planStart: u32,
  kept: u32,
  isLstm: u32,
  masked: u32,
  // The mask is SKIPPED in a plan.
  isTable: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> states: array<f32>;
@group(0) @binding(2) var<storage, read> activations: array<f32>;
@group(0) @binding(3) var<storage, read> plan: array<i32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;
@group(0) @binding(5) var<storage, read_write> h: array<f32>;
@group(0) @binding(6) var<storage, read_write> c: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let n = params.hidden;
  let i = (group.x + group.y * groups.x) * 256u + lane;
  let row = i / n;
  if (row >= params.rows) { return; }
  if (params.masked != 0u) {
    let planned = plan[params.planStart + row];
    let counts = select(planned != 0i, planned != SKIPPED, params.isTable != 0u);
    var value = 0.0;
    if (counts) { value = states[params.outputRow * n + i]; }
    output[i] = value;
  }
  if (row < params.batch) {
    h[i] = states[params.carryRow * n + i];
    if (params.isLstm != 0u) { c[i] = activations[((params.carryRow + row) * params.kept + 4u) * n + i % n]; }
  }
}
