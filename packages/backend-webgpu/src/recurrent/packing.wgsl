struct Params {
  // Vectors to write.
  size: u32,
  hidden: u32,
  weights: u32,
  biasIh: u32,
  biasHh: u32,
  gates: u32,
  biased: u32,
  // gru: the reset comes after the product, and the last bias with it.
  resets: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> biasIh: array<f32>;
@group(0) @binding(3) var<storage, read> biasHh: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i < params.size) {
    result[i] = vectorAt(i);
  }
}
