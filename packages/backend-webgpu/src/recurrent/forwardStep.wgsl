//! include forward.wgsl
//! include rowProduct.wgsl
// One step of a segment. A workgroup has some rows and units, with all gates of these units.

@compute @workgroup_size(LANES, SPLITS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let h = params.hidden;
  let blocks = (h + LANES - 1u) / LANES;
  let id = group.x + group.y * groups.x;
  let firstRow = id / blocks * GROUPS * 4u;
  if (firstRow >= params.batch) { return; }
  let firstUnit = id % blocks * LANES;
  let lane = local.x;
  let split = local.y;

  // What the end needs is asked for before the product, so that it is there by then.
  let item = itemOf(split, lane);
  let row = firstRow + item.row;
  let unit = firstUnit + item.lane;
  let working = item.column == 0u && row < params.batch && unit < h;
  let padded = paddedHidden();
  var outer = Outer();
  var before = State();
  let place = row / 4u * padded + unit;
  if (working) {
    outer = outerOf(params.first, row, unit);
    before.h = previous[place][row % 4u];
    if (CELL == LSTM) { before.c = activations[(rowBefore(params.first, row) * KEPT + 4u) * h + unit]; }
  }

  let column = min(firstUnit + lane, h - 1u);
  let lastGroup = (params.batch - 1u) / 4u;
  let a = firstRow / 4u * padded;
  let b = min(firstRow / 4u + 1u, lastGroup) * padded;
  let sums = rowProduct(split, padded / 4u, GATES * h, column + h * vec4u(0u, 1u, 2u, 3u), a, b);
  var product = vec4f();
  product.x = joined(sums.a0, sums.b0, split, lane, item);
  if (COLUMNS > 1u) {
    product.y = joined(sums.a1, sums.b1, split, lane, item);
    product.z = joined(sums.a2, sums.b2, split, lane, item);
  }
  if (COLUMNS > 3u) { product.w = joined(sums.a3, sums.b3, split, lane, item); }

  if (working) {
    let after = advance(params.first, row, unit, outer, product, before);
    next[place * 4u + row % 4u] = after.h;
  }
}
