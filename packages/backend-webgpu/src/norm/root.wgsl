// The root of all sums of squares, as squares.wgsl gives them.

struct Params {
  count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

var<workgroup> sums: array<vec3f, 256>;

// A positive `v · 2⁻¹⁶⁰`, or 0 where that is no normal number. Compilers would join two factors of 2⁻⁸⁰ into one that is 0.
fn scaledDown(v: f32) -> f32 {
  let bits = bitcast<i32>(v) - (160 << 23u);
  return bitcast<f32>(select(0, bits, bits >= 0x00800000));
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = vec3f();
  for (var i = lane * 3u; i < params.count * 3u; i += 768u) {
    sum += vec3f(parts[i], parts[i + 1u], parts[i + 2u]);
  }
  sums[lane] = sum;
  for (var half = 128u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      sums[lane] += sums[lane + half];
    }
  }
  if (lane == 0u) {
    let large = sums[0].x;
    let middle = sums[0].y;
    // NaN is not 0, whatever comparisons of floats make of it.
    if (bitcast<u32>(large) != 0u) {
      result[0] = sqrt(large + scaledDown(middle)) * 0x1p80;
    } else if (middle > 0.0) {
      result[0] = sqrt(middle + scaledDown(sums[0].z));
    } else {
      result[0] = sqrt(sums[0].z) * 0x1p-80;
    }
  }
}
