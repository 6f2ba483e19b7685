// Loss of each row, and its gradient `softmax(x) − (1−s)·[y] − s/classes` where it is wanted.

//! include ../math/order.wgsl
//! include ../math/exp.wgsl
//! include ../math/log.wgsl
//! include rowLanes.wgsl

override GRADIENT: bool = true;

struct Params {
  rows: u32,
  classes: u32,
  start: u32,
  targetsStart: u32,
  smoothing: f32,
  lowestOrder: i32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<i32>;
@group(0) @binding(3) var<storage, read_write> loss: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x + group.y * groups.x) * (256u / LANES) + lane / LANES;
  let inside = row < params.rows;
  let count = select(0u, params.classes, inside);
  let base = params.start + row * params.classes;
  let first = lane % LANES;

  // Differences from the largest logit, so that large logits neither cancel nor overflow.
  var order = params.lowestOrder;
  for (var c = first; c < count; c += LANES) {
    order = max(order, orderOf(logits[base + c]));
  }
  let top = fromOrder(largestOfRow(order, lane));
  // The largest are counted apart, so that the logarithm of a sum near 1 keeps its digits.
  var share = vec3f();
  for (var c = first; c < count; c += LANES) {
    let difference = logits[base + c] - top;
    let isTop = (bitcast<u32>(difference) & SIZE_BITS) == 0u;
    share += vec3f(select(expOf(difference), 0.0, isTop), f32(isTop), difference);
  }
  let sums = sumOfRow(share, lane);
  let total = sums.x + sums.y;
  let smoothing = params.smoothing / f32(params.classes);
  if (!inside) {
    return;
  }

  let y = targets[params.targetsStart + row];
  let known = y >= 0 && u32(y) < params.classes;
  let otherBits = select(0u, NAN_BITS, y >= 0);
  if (first == 0u) {
    let chosen = logits[base + select(0u, u32(y), known)] - top;
    var value = bitcast<f32>(log1pOf(bitcast<u32>(sums.x + (sums.y - 1.0)))) - (1.0 - params.smoothing) * chosen;
    // Without smoothing the mean has no part: a logit of −∞ elsewhere must not turn 0·∞ into NaN.
    if (smoothing != 0.0) {
      value -= sums.z * smoothing;
    }
    loss[row] = orBits(value, otherBits, !known);
  }
  if (GRADIENT) {
    for (var c = first; c < count; c += LANES) {
      let hit = select(0.0, 1.0 - params.smoothing, i32(c) == y);
      let value = expOf(logits[base + c] - top) / total - smoothing - hit;
      gradient[row * params.classes + c] = orBits(value, otherBits, !known);
    }
  }
}
