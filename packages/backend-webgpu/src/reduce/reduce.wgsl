// `[outer, length, inner]` folded over the middle axis in `parts` stretches of `chunk`: `[outer, parts, inner]`. From one place
// along the middle axis to the next are `stride` elements, of which the first `inner` are taken.
// LANES threads share a result; a thread adds up in blocks, so that its error does not grow with the length.

//! include ../math/order.wgsl

override LANES: u32 = 256;
// Whether neighbouring threads work on neighbouring results, rather than on one.
override ACROSS: bool = false;
override MAXIMUM: bool = false;
// Of T, which are floats in the disguise of their order.
override ORDERED: bool = false;
override EMPTY: i32 = 0;

struct Params {
  results: u32,
  length: u32,
  inner: u32,
  stride: u32,
  parts: u32,
  chunk: u32,
  start: u32,
  resultStart: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<T>;
@group(0) @binding(2) var<storage, read_write> result: array<T>;

var<workgroup> folded: array<T, 256>;

fn fold(a: T, b: T) -> T {
  return select(a + b, max(a, b), MAXIMUM);
}

fn load(i: u32) -> T {
  return select(x[i], T(orderOf(bitcast<f32>(x[i]))), ORDERED);
}

// Every LANES-th element of `[from, end)`, at `base + r · stride`.
fn foldStretch(base: u32, first: u32, end: u32) -> T {
  let step = LANES * params.stride;
  var total = T(EMPTY);
  var r = first;
  while (r < end) {
    var block = T(EMPTY);
    for (var k = 0u; k < 8u && r < end; k++) {
      let at = base + r * params.stride;
      if (r + 3u * LANES < end) {
        block = fold(block, fold(fold(load(at), load(at + step)), fold(load(at + 2u * step), load(at + 3u * step))));
        r += 4u * LANES;
      } else {
        block = fold(block, load(at));
        r += LANES;
      }
    }
    total = fold(total, block);
  }
  return total;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let width = 256u / LANES;
  let own = select(lane % LANES, lane / width, ACROSS);
  let index = (group.x + group.y * groups.x) * width + select(lane / LANES, lane % width, ACROSS);
  var total = T(EMPTY);
  if (index < params.results) {
    let row = index / params.inner;
    let first = (row % params.parts) * params.chunk;
    let base = params.start + row / params.parts * params.length * params.stride + index % params.inner;
    total = foldStretch(base, first + own, min(first + params.chunk, params.length));
  }
  folded[lane] = total;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (own < half) {
      folded[lane] = fold(folded[lane], folded[lane + half * select(1u, width, ACROSS)]);
    }
  }
  if (own == 0u && index < params.results) {
    let at = params.resultStart + index;
    let value = select(folded[lane], bitcast<T>(fromOrder(i32(folded[lane]))), ORDERED);
    result[at] = select(value, result[at] + value, params.accumulate != 0u);
  }
}
