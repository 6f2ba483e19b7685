// How a dense result is walked through operands with strides, of 32-bit words: shared by kernels of up to three operands.
struct Params {
  size: u32,
  // At least 1.
  rank: u32,
  // Which operands are numbers: a sum of 1, 2 and 4.
  numbers: u32,
  // Of the operands' first elements, and the result's.
  @align(16) starts: vec4u,
  // Of operands that are numbers.
  bits: vec4u,
  // Innermost first: length, then the step from element to element of each operand.
  axes: array<vec4u, 8>,
}

@group(0) @binding(0) var<uniform> params: Params;

// Places of four elements in the operands.
struct Places {
  a: vec4u,
  b: vec4u,
  c: vec4u,
}

// Where elements `i`, counted along the axes, lie.
fn walk(i: vec4u) -> Places {
  var places = Places(vec4u(params.starts.x), vec4u(params.starts.y), vec4u(params.starts.z));
  var rest = i;
  let last = params.rank - 1u;
  for (var k = 0u; k < last; k++) {
    let axis = params.axes[k];
    let next = rest / axis.x;
    let at = rest - next * axis.x;
    places.a += at * axis.y;
    places.b += at * axis.z;
    places.c += at * axis.w;
    rest = next;
  }
  let axis = params.axes[last];
  places.a += rest * axis.y;
  places.b += rest * axis.z;
  places.c += rest * axis.w;
  return places;
}

// The first of the four elements, 256 apart, that a thread has to do with; none beyond `params.size`.
fn firstOf(group: vec3u, groups: vec3u, lane: u32) -> u32 {
  return (group.x + group.y * groups.x) * 1024u + lane;
}
