// Copies the initial carry's gradient, and where wanted dL/dh of every step, to tensors of their own.

struct Params {
  // Numbers of dL/dh, `T·B·H`, or of the carry, `B·H`.
  size: u32,
  batch: u32,
  hidden: u32,
  // Where dL/dh begins.
  delta: u32,
  gates: u32,
  isLstm: u32,
  wantsCarry: u32,
  wantsDelta: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> last: array<f32>;
@group(0) @binding(2) var<storage, read> deltas: array<f32>;
@group(0) @binding(3) var<storage, read_write> h: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;
@group(0) @binding(5) var<storage, read_write> delta: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) { return; }
  if (params.wantsDelta != 0u) { delta[i] = deltas[params.delta + i]; }
  if (params.wantsCarry != 0u && i < params.batch * params.hidden) {
    let row = i / params.hidden;
    let padded = (params.hidden + 3u) / 4u * 4u;
    let at = (row / 4u * (params.gates + 2u) + params.gates) * padded + i % params.hidden;
    h[i] = last[at * 4u + row % 4u];
    if (params.isLstm != 0u) { c[i] = last[(at + padded) * 4u + row % 4u]; }
  }
}
