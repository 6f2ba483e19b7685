// Sums of squares of up to seven tensors, one sum for each workgroup of 4096 elements, as three numbers: of the large elements, of
// those between and of the small ones, the large and small scaled so that no square overflows or vanishes. Source: Blue 1978.

//! include ../math/float.wgsl

const LARGE_BITS = 0x58800000u; // 2⁵⁰
const SMALL_BITS = 0x26800000u; // 2⁻⁵⁰

struct Params {
  // Of each tensor its start, its size, and its first workgroup.
  operands: array<vec4u, 7>,
  groups: u32,
  resultStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x0: array<f32>;
@group(0) @binding(2) var<storage, read> x1: array<f32>;
@group(0) @binding(3) var<storage, read> x2: array<f32>;
@group(0) @binding(4) var<storage, read> x3: array<f32>;
@group(0) @binding(5) var<storage, read> x4: array<f32>;
@group(0) @binding(6) var<storage, read> x5: array<f32>;
@group(0) @binding(7) var<storage, read> x6: array<f32>;
@group(0) @binding(8) var<storage, read_write> result: array<f32>;

var<workgroup> sums: array<vec3f, 256>;

fn load(operand: u32, i: u32) -> f32 {
  switch operand {
    case 0u: { return x0[i]; }
    case 1u: { return x1[i]; }
    case 2u: { return x2[i]; }
    case 3u: { return x3[i]; }
    case 4u: { return x4[i]; }
    case 5u: { return x5[i]; }
    default: { return x6[i]; }
  }
}

// Infinity and NaN count as large.
fn squaresOf(v: f32) -> vec3f {
  let size = bitcast<u32>(v) & SIZE_BITS;
  if (size >= LARGE_BITS) {
    let scaled = v * 0x1p-80;
    return vec3f(scaled * scaled, 0.0, 0.0);
  }
  if (size < SMALL_BITS) {
    let scaled = v * 0x1p80;
    return vec3f(0.0, 0.0, scaled * scaled);
  }
  return vec3f(0.0, v * v, 0.0);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let index = group.x + group.y * groups.x;
  if (index >= params.groups) {
    return;
  }
  var operand = 0u;
  for (var k = 1u; k < 7u; k++) {
    operand = select(operand, k, index >= params.operands[k].z);
  }
  let place = params.operands[operand];
  let first = (index - place.z) * 4096u;
  let end = min(first + 4096u, place.y);
  var sum = vec3f();
  for (var i = first + lane; i < end; i += 256u) {
    sum += squaresOf(load(operand, place.x + i));
  }
  sums[lane] = sum;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      sums[lane] += sums[lane + half];
    }
  }
  if (lane == 0u) {
    let at = (params.resultStart + index) * 3u;
    result[at] = sums[0].x;
    result[at + 1u] = sums[0].y;
    result[at + 2u] = sums[0].z;
  }
}
