//! include packing.wgsl
// U as `[G·⌈H/4⌉, H]` vectors over the units of a gate.

fn vectorAt(i: u32) -> vec4f {
  let h = params.hidden;
  let quarters = (h + 3u) / 4u;
  let q = i / h;
  let unit = q % quarters * 4u;
  let row = params.weights + (q / quarters * h + unit) * h + i % h;
  var value = vec4f();
  for (var e = 0u; e < 4u; e++) {
    if (unit + e < h) { value[e] = weights[row + e * h]; }
  }
  return value;
}
