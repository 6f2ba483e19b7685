//! include forward.wgsl
//! include segmentMemory.wgsl
// A stretch of a segment in one dispatch: a workgroup has one row, and all units.

var<workgroup> h: array<Four, LANES / 4u>;

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
  let place = row / 4u * quarters * 4u + unit;
  // Threads of the first part join the parts, and then have a unit each.
  let working = split == 0u && unit < n;

  var c = 0.0;
  if (split == 0u && unit < quarters * 4u) { h[unit / 4u][unit % 4u] = previous[place][row % 4u]; }
  if (working && CELL == LSTM) { c = activations[(rowBefore(params.first, row) * KEPT + 4u) * n + unit]; }
  let width = GATES * n;
  let column = min(unit, n - 1u);
  let second = column + n;
  let third = second + n;
  let fourth = third + n;
  var kept0 = vec4f();
  var kept1 = vec4f();
  var kept2 = vec4f();
  var kept3 = vec4f();
  if (split < quarters) {
    kept0 = vec4f(packed[split * width + column]);
    if (GATES > 1u) {
      kept1 = vec4f(packed[split * width + second]);
      kept2 = vec4f(packed[split * width + third]);
    }
    if (GATES > 3u) { kept3 = vec4f(packed[split * width + fourth]); }
  }
  workgroupBarrier();

  for (var i = 0u; i < params.count; i++) {
    let step = params.first + i;
    // What the end of the step needs is asked for before the product, so that it is there by then.
    var outer = Outer();
    if (working) { outer = outerOf(step, row, unit); }
    var s0 = 0.0;
    var s1 = 0.0;
    var s2 = 0.0;
    var s3 = 0.0;
    if (split < quarters) {
      let x = h[split];
      s0 = times(s0, kept0, x);
      if (GATES > 1u) {
        s1 = times(s1, kept1, x);
        s2 = times(s2, kept2, x);
      }
      if (GATES > 3u) { s3 = times(s3, kept3, x); }
    }
    for (var q = split + SPLITS; q < quarters; q += SPLITS) {
      let x = h[q];
      let at = q * width;
      s0 = times(s0, vec4f(packed[at + column]), x);
      if (GATES > 1u) {
        s1 = times(s1, vec4f(packed[at + second]), x);
        s2 = times(s2, vec4f(packed[at + third]), x);
      }
      if (GATES > 3u) { s3 = times(s3, vec4f(packed[at + fourth]), x); }
    }
    if (split > 0u) {
      let at = (split - 1u) * GATES * LANES + unit;
      parts[at] = s0;
      if (GATES > 1u) {
        parts[at + LANES] = s1;
        parts[at + 2u * LANES] = s2;
      }
      if (GATES > 3u) { parts[at + 3u * LANES] = s3; }
    }
    workgroupBarrier();
    if (working) {
      for (var s = 0u; s < SPLITS - 1u; s++) {
        let at = s * GATES * LANES + unit;
        s0 += parts[at];
        if (GATES > 1u) {
          s1 += parts[at + LANES];
          s2 += parts[at + 2u * LANES];
        }
        if (GATES > 3u) { s3 += parts[at + 3u * LANES]; }
      }
      let before = State(h[unit / 4u][unit % 4u], c);
      let after = advance(step, row, unit, outer, vec4f(s0, s1, s2, s3), before);
      h[unit / 4u][unit % 4u] = after.h;
      c = after.c;
    }
    workgroupBarrier();
  }

  if (working) { next[place * 4u + row % 4u] = h[unit / 4u][unit % 4u]; }
}
