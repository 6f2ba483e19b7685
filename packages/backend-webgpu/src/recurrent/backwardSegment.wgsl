//! include backward.wgsl
//! include segmentMemory.wgsl
// A stretch of a segment backward, in one dispatch: a workgroup has one row, and all units. What it hands on is all of dL/dh
// before the stretch, and dL/dc.

var<workgroup> delta: array<Four, GATES * LANES / 4u>;

@compute @workgroup_size(LANES, SPLITS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let n = params.hidden;
  let row = group.x + group.y * groups.x;
  if (row >= params.batch) { return; }
  let unit = local.x;
  let split = local.y;
  let quarters = paddedHidden() / 4u;
  let padded = quarters * 4u;
  // Threads of the first part join the parts, and then have a unit each.
  let working = split == 0u && unit < n;
  let ofH = (row / 4u * (GATES + 2u) + GATES) * padded + unit;

  var dh = 0.0;
  var dc = 0.0;
  var outer = Outer();
  if (working) {
    dh = previous[ofH][row % 4u];
    dc = previous[ofH + padded][row % 4u];
    outer = outerOf(params.first, row, unit);
  } else if (split == 0u && unit < padded) {
    for (var g = 0u; g < GATES; g++) { delta[g * quarters + unit / 4u][unit % 4u] = 0.0; }
  }
  let column = min(unit, n - 1u);
  let count = GATES * quarters;
  let q1 = split + SPLITS;
  let q2 = q1 + SPLITS;
  let q3 = q2 + SPLITS;
  var kept0 = vec4f();
  var kept1 = vec4f();
  var kept2 = vec4f();
  var kept3 = vec4f();
  if (split < count) { kept0 = vec4f(packed[split * n + column]); }
  if (q1 < count) { kept1 = vec4f(packed[q1 * n + column]); }
  if (q2 < count) { kept2 = vec4f(packed[q2 * n + column]); }
  if (q3 < count) { kept3 = vec4f(packed[q3 * n + column]); }

  for (var i = 0u; i < params.count; i++) {
    let step = params.first - i;
    if (working) {
      let back = stepBack(step, row, unit, outer, dh, dc);
      dh = back.h;
      dc = back.c;
      let at = unit / 4u;
      delta[at][unit % 4u] = back.delta.x;
      if (GATES > 1u) {
        delta[at + quarters][unit % 4u] = back.delta.y;
        delta[at + 2u * quarters][unit % 4u] = back.delta.z;
      }
      if (GATES > 3u) { delta[at + 3u * quarters][unit % 4u] = back.delta.w; }
      // What the step before needs is asked for before the product, so that it is there by then.
      if (i + 1u < params.count) { outer = outerOf(step - 1u, row, unit); }
    }
    workgroupBarrier();
    var sum = 0.0;
    if (split < count) { sum = times(sum, kept0, delta[split]); }
    if (q1 < count) { sum = times(sum, kept1, delta[q1]); }
    if (q2 < count) { sum = times(sum, kept2, delta[q2]); }
    if (q3 < count) { sum = times(sum, kept3, delta[q3]); }
    var q = q3 + SPLITS;
    for (; q + 3u * SPLITS < count; q += 4u * SPLITS) {
      let w0 = vec4f(packed[q * n + column]);
      let w1 = vec4f(packed[(q + SPLITS) * n + column]);
      let w2 = vec4f(packed[(q + 2u * SPLITS) * n + column]);
      let w3 = vec4f(packed[(q + 3u * SPLITS) * n + column]);
      sum = times(sum, w0, delta[q]);
      sum = times(sum, w1, delta[q + SPLITS]);
      sum = times(sum, w2, delta[q + 2u * SPLITS]);
      sum = times(sum, w3, delta[q + 3u * SPLITS]);
    }
    for (; q < count; q += SPLITS) { sum = times(sum, vec4f(packed[q * n + column]), delta[q]); }
    if (split > 0u) { parts[(split - 1u) * LANES + unit] = sum; }
    workgroupBarrier();
    if (working) {
      for (var s = 0u; s < SPLITS - 1u; s++) { sum += parts[s * LANES + unit]; }
      dh += sum;
    }
  }

  if (working) {
    let to = ofH * 4u + row % 4u;
    next[to] = dh;
    next[to + padded * 4u] = dc;
  }
}
