//! include walk.wgsl

@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

// Copies words from places with strides into a dense result.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = firstOf(group, groups, lane);
  if (first >= params.size) {
    return;
  }
  let i = first + vec4u(0u, 256u, 512u, 768u);
  let at = walk(i);
  let value = vec4u(x[at.a.x], x[at.a.y], x[at.a.z], x[at.a.w]);
  for (var k = 0u; k < 4u; k++) {
    if (i[k] < params.size) {
      result[params.starts.w + i[k]] = value[k];
    }
  }
}
