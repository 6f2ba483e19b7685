//! include ../layout/walk.wgsl

@group(0) @binding(1) var<storage, read> condition: array<u32>;
@group(0) @binding(2) var<storage, read> a: array<u32>;
@group(0) @binding(3) var<storage, read> b: array<u32>;
@group(0) @binding(4) var<storage, read_write> result: array<u32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = firstOf(group, groups, lane);
  if (first >= params.size) {
    return;
  }
  let i = first + vec4u(0u, 256u, 512u, 768u);
  let at = walk(i);
  let chosen = vec4u(condition[at.a.x], condition[at.a.y], condition[at.a.z], condition[at.a.w]);
  var x = vec4u(params.bits.y);
  if ((params.numbers & 2u) == 0u) {
    x = vec4u(a[at.b.x], a[at.b.y], a[at.b.z], a[at.b.w]);
  }
  var y = vec4u(params.bits.z);
  if ((params.numbers & 4u) == 0u) {
    y = vec4u(b[at.c.x], b[at.c.y], b[at.c.z], b[at.c.w]);
  }
  let value = select(y, x, chosen != vec4u(0u));
  for (var k = 0u; k < 4u; k++) {
    if (i[k] < params.size) {
      result[params.starts.w + i[k]] = value[k];
    }
  }
}
