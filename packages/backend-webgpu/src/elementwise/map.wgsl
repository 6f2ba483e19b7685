struct Params {
  size: u32,
  start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> result: array<u32>;

// Every `apply(x)`, four to a thread; whoever includes this says what it is, of bits.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * groups.x) * 1024u + lane;
  if (first >= params.size) {
    return;
  }
  let i = first + vec4u(0u, 256u, 512u, 768u);
  let at = params.start + i;
  let value = vec4u(x[at.x], x[at.y], x[at.z], x[at.w]);
  for (var k = 0u; k < 4u; k++) {
    if (i[k] < params.size) {
      result[i[k]] = apply(value[k]);
    }
  }
}
