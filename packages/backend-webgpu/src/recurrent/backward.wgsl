//! include ../math/gates.wgsl
// One unit of one row of a segment, one step backward.

// Place in `recurrentCells`: rnnTanh, rnnRelu, lstm, gru.
override CELL: u32 = 2;
override GATES: u32 = 4;
override KEPT: u32 = 5;

const LSTM = 2u;
const GRU = 3u;

struct Params {
  steps: u32,
  batch: u32,
  hidden: u32,
  reverse: u32,
  // Steps taken back in this dispatch, from the last, which is `first`, to earlier ones.
  first: u32,
  count: u32,
  // 1 where `previous` holds δ of a later step, whose part through U is still to be added.
  linked: u32,
  cotangentStart: u32,
  maskStart: u32,
  // Flags: whether there is a cotangent of the output, whether there is a mask, whether dL/dh of every step is wanted.
  hasCotangent: u32,
  masked: u32,
  wantsDelta: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// As the forward pass left them.
@group(0) @binding(1) var<storage, read> activations: array<Kept>;
@group(0) @binding(2) var<storage, read> states: array<f32>;
// `[T, B, G·H]`: δ, the cotangent of `W x + b`; then gru's cotangents of `U_n h + d_n`, `[T, B, H]`; then dL/dh `[T, B, H]`.
@group(0) @binding(3) var<storage, read_write> deltas: array<f32>;
// What goes on to the step before, as `previous`.
@group(0) @binding(4) var<storage, read_write> next: array<f32>;
@group(0) @binding(5) var<storage, read> packed: array<Weights>;
// Vectors of four rows, `[⌈B/4⌉, G + 2, 4·⌈H/4⌉]`: δ of the product with U, then dL/dh apart from it, then dL/dc.
@group(0) @binding(6) var<storage, read> previous: array<vec4f>;
@group(0) @binding(7) var<storage, read> cotangent: array<f32>;
@group(0) @binding(8) var<storage, read> mask: array<i32>;

fn paddedHidden() -> u32 {
  return (params.hidden + 3u) / 4u * 4u;
}

fn timeOf(step: u32) -> u32 {
  return select(step, params.steps - 1u - step, params.reverse != 0u);
}

fn keptAt(i: u32) -> f32 {
  return f32(activations[i]);
}

// What a unit of a row takes from outside: whether the step counts, the output's cotangent, and what the forward pass kept.
struct Outer {
  counts: bool,
  cotangent: f32,
  gates: vec4f,
  // lstm: c after the step and before it. gru: `U_n h + d_n`, and h before the step. rnn: h after it.
  after: f32,
  before: f32,
}

fn outerOf(step: u32, row: u32, unit: u32) -> Outer {
  var outer = Outer();
  let n = params.hidden;
  let time = timeOf(step);
  outer.counts = true;
  if (params.masked != 0u) { outer.counts = mask[params.maskStart + time * params.batch + row] != 0i; }
  if (!outer.counts) { return outer; }
  if (params.hasCotangent != 0u) { outer.cotangent = cotangent[params.cotangentStart + (time * params.batch + row) * n + unit]; }
  let to = (time + 1u - params.reverse) * params.batch + row;
  let earlier = (time + params.reverse) * params.batch + row;
  let at = to * KEPT * n + unit;
  if (CELL == LSTM || CELL == GRU) {
    outer.gates = vec4f(keptAt(at), keptAt(at + n), keptAt(at + 2u * n), keptAt(at + 3u * n));
  }
  if (CELL == LSTM) {
    outer.after = keptAt(at + 4u * n);
    outer.before = keptAt((earlier * KEPT + 4u) * n + unit);
  } else if (CELL == GRU) {
    outer.after = outer.gates.w;
    outer.before = states[earlier * n + unit];
  } else {
    outer.after = states[to * n + unit];
  }
  return outer;
}

// Cotangents that leave a step: δ of the product with U, and what passes by it to h and c before the step.
struct Back {
  delta: vec4f,
  h: f32,
  c: f32,
}

// Takes dL/dh and dL/dc after a step back through it, and writes δ.
fn stepBack(step: u32, row: u32, unit: u32, outer: Outer, h: f32, c: f32) -> Back {
  let n = params.hidden;
  let at = timeOf(step) * params.batch + row;
  let rows = params.steps * params.batch;
  let dh = h + outer.cotangent;
  if (params.wantsDelta != 0u) { deltas[(rows * (GATES + select(0u, 1u, CELL == GRU)) + at) * n + unit] = dh; }
  let to = at * GATES * n + unit;
  var back = Back(vec4f(), dh, c);
  // δ of `W x + b`, where it is not that of the product with U.
  var last = 0.0;
  if (outer.counts) {
    let g = outer.gates;
    if (CELL == LSTM) {
      let tanhCell = tanhOf(outer.after);
      let dc = c + dh * g.w * (1.0 - tanhCell * tanhCell);
      back.delta = vec4f(
        dc * g.z * g.x * (1.0 - g.x),
        dc * outer.before * g.y * (1.0 - g.y),
        dc * g.x * (1.0 - g.z * g.z),
        dh * tanhCell * g.w * (1.0 - g.w),
      );
      back.h = 0.0;
      back.c = dc * g.y;
    } else if (CELL == GRU) {
      last = dh * (1.0 - g.y) * (1.0 - g.z * g.z);
      back.delta.x = last * outer.after * g.x * (1.0 - g.x);
      back.delta.y = dh * (outer.before - g.z) * g.y * (1.0 - g.y);
      back.delta.z = last * g.x;
      back.h = dh * g.y;
    } else if (CELL == 1u) {
      back.delta.x = select(0.0, dh, outer.after > 0.0);
      back.h = 0.0;
    } else {
      back.delta.x = dh * (1.0 - outer.after * outer.after);
      back.h = 0.0;
    }
  }
  deltas[to] = back.delta.x;
  if (GATES > 1u) {
    deltas[to + n] = back.delta.y;
    deltas[to + 2u * n] = select(back.delta.z, last, CELL == GRU);
  }
  if (CELL == GRU) { deltas[(rows * GATES + at) * n + unit] = back.delta.z; }
  if (GATES > 3u) { deltas[to + 3u * n] = back.delta.w; }
  return back;
}
