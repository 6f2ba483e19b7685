//! include ../layout/walk.wgsl

@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read_write> result: array<u32>;

// Every `combine(a, b)` of two operands broadcast together; whoever includes this says what it is, of bits.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = firstOf(group, groups, lane);
  if (first >= params.size) {
    return;
  }
  let i = first + vec4u(0u, 256u, 512u, 768u);
  let at = walk(i);
  var x = vec4u(params.bits.x);
  if ((params.numbers & 1u) == 0u) {
    x = vec4u(a[at.a.x], a[at.a.y], a[at.a.z], a[at.a.w]);
  }
  var y = vec4u(params.bits.y);
  if ((params.numbers & 2u) == 0u) {
    y = vec4u(b[at.b.x], b[at.b.y], b[at.b.z], b[at.b.w]);
  }
  for (var k = 0u; k < 4u; k++) {
    if (i[k] < params.size) {
      result[params.starts.w + i[k]] = combine(x[k], y[k]);
    }
  }
}
