//! include backward.wgsl
//! include rowProduct.wgsl
// One step of a segment, backward. A workgroup has some rows and units: it adds up what reaches their states through U from the
// step after, and takes it through the gates. With no step to take, it adds up only.

@compute @workgroup_size(LANES, SPLITS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_id) local: vec3u,
) {
  let h = params.hidden;
  let across = LANES * COLUMNS;
  let blocks = (h + across - 1u) / across;
  let id = group.x + group.y * groups.x;
  let firstRow = id / blocks * GROUPS * 4u;
  if (firstRow >= params.batch) { return; }
  let firstUnit = id % blocks * across;
  let lane = local.x;
  let split = local.y;

  // What the end needs is asked for before the product, so that it is there by then.
  let item = itemOf(split, lane);
  let row = firstRow + item.row;
  let unit = firstUnit + item.column * LANES + item.lane;
  let working = item.column < COLUMNS && row < params.batch && unit < h;
  let padded = paddedHidden();
  let stride = (GATES + 2u) * padded;
  let place = row / 4u * stride + unit;
  var outer = Outer();
  var dh = 0.0;
  var dc = 0.0;
  if (working) {
    if (params.count > 0u) { outer = outerOf(params.first, row, unit); }
    dh = previous[place + GATES * padded][row % 4u];
    dc = previous[place + (GATES + 1u) * padded][row % 4u];
  }

  let columns = min(firstUnit + lane + LANES * vec4u(0u, 1u, 2u, 3u), vec4u(h - 1u));
  let lastGroup = (params.batch - 1u) / 4u;
  let a = firstRow / 4u * stride;
  let b = min(firstRow / 4u + 1u, lastGroup) * stride;
  let sums = rowProduct(split, params.linked * GATES * padded / 4u, h, columns, a, b);
  let first = joined(sums.a0, sums.b0, split, lane, item);
  dh += select(0.0, first, item.column == 0u);
  if (COLUMNS > 1u) {
    let second = joined(sums.a1, sums.b1, split, lane, item);
    dh = select(dh, dh + second, item.column == 1u);
  }

  if (working) {
    var back = Back(vec4f(), dh, dc);
    if (params.count > 0u) {
      back = stepBack(params.first, row, unit, outer, dh, dc);
      next[place * 4u + row % 4u] = back.delta.x;
      if (GATES > 1u) {
        next[(place + padded) * 4u + row % 4u] = back.delta.y;
        next[(place + 2u * padded) * 4u + row % 4u] = back.delta.z;
      }
      if (GATES > 3u) { next[(place + 3u * padded) * 4u + row % 4u] = back.delta.w; }
    }
    next[(place + GATES * padded) * 4u + row % 4u] = back.h;
    next[(place + (GATES + 1u) * padded) * 4u + row % 4u] = back.c;
  }
}
