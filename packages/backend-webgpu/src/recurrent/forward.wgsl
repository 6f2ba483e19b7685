//! include ../math/gates.wgsl
// One unit of one row of a segment, one step forward.

// Place in `recurrentCells`: rnnTanh, rnnRelu, lstm, gru.
override CELL: u32 = 2;
override GATES: u32 = 4;
// Sections of H numbers that are kept of a row: activated gates, and lstm's c or gru's `U_n h + d_n`.
override KEPT: u32 = 5;

const LSTM = 2u;
const GRU = 3u;
// Stands in a plan for the number of a row of the table where the mask is 0.
const SKIPPED = -2i;

struct Params {
  steps: u32,
  batch: u32,
  hidden: u32,
  // 1 where the segment runs from its last step to its first.
  reverse: u32,
  // Steps run in this dispatch.
  first: u32,
  count: u32,
  // Where biases lie behind the packed weights, in numbers.
  biases: u32,
  planStart: u32,
  tableStart: u32,
  tableRows: u32,
  nan: u32,
  // Flags, rather than variants to compile: whether there is a mask, whether the input is row numbers of a table, and whether what
  // the backward pass needs is kept.
  masked: u32,
  isTable: u32,
  save: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// `[T + 1, B, KEPT·H]`: in, `W x + b`; out, what is kept. A row lies with the state after its step.
@group(0) @binding(1) var<storage, read_write> activations: array<f32>;
// `[T + 1, B, H]`, in order of time, the initial state before the step that runs first.
@group(0) @binding(2) var<storage, read_write> states: array<f32>;
// The state after the last step of the dispatch, as `previous`.
@group(0) @binding(3) var<storage, read_write> next: array<f32>;
@group(0) @binding(4) var<storage, read> packed: array<Weights>;
// The state before its first step, `[⌈B/4⌉, 4·⌈H/4⌉]` vectors of four rows.
@group(0) @binding(5) var<storage, read> previous: array<vec4f>;
// `[T, B]`: the mask, or numbers of rows of the table.
@group(0) @binding(6) var<storage, read> plan: array<i32>;
@group(0) @binding(7) var<storage, read> table: array<f32>;

fn paddedHidden() -> u32 {
  return (params.hidden + 3u) / 4u * 4u;
}

fn timeOf(step: u32) -> u32 {
  return select(step, params.steps - 1u - step, params.reverse != 0u);
}

// Numbers of rows of `states` and `activations`, before and after a step.
fn rowBefore(step: u32, row: u32) -> u32 {
  return (timeOf(step) + params.reverse) * params.batch + row;
}

fn rowAfter(step: u32, row: u32) -> u32 {
  return (timeOf(step) + 1u - params.reverse) * params.batch + row;
}

fn planOf(step: u32, row: u32) -> i32 {
  return plan[params.planStart + timeOf(step) * params.batch + row];
}

// Biases are f32 whatever the weights are: so many in the room of a vector of weights.
const FLOATS = u32(dot(Floats(1.0), Floats(1.0)));

fn biasOf(i: u32) -> f32 {
  let at = params.biases + i;
  return bitcast<Floats>(packed[at / FLOATS])[at % FLOATS];
}

// What a unit of a row takes from outside: whether the step counts, and `W x + b`.
struct Outer {
  counts: bool,
  x: vec4f,
}

fn outerOf(step: u32, row: u32, unit: u32) -> Outer {
  var outer = Outer(true, vec4f());
  let h = params.hidden;
  if (params.isTable != 0u) {
    let number = planOf(step, row);
    outer.counts = params.masked == 0u || number != SKIPPED;
    if (number < 0i || u32(number) >= params.tableRows) {
      outer.x = vec4f(bitcast<f32>(params.nan));
      return outer;
    }
    let at = params.tableStart + u32(number) * GATES * h + unit;
    outer.x.x = table[at] + biasOf(unit);
    if (GATES > 1u) {
      outer.x.y = table[at + h] + biasOf(h + unit);
      outer.x.z = table[at + 2u * h] + biasOf(2u * h + unit);
    }
    if (GATES > 3u) { outer.x.w = table[at + 3u * h] + biasOf(3u * h + unit); }
    return outer;
  }
  if (params.masked != 0u) { outer.counts = planOf(step, row) != 0i; }
  let at = rowAfter(step, row) * KEPT * h + unit;
  outer.x.x = activations[at];
  if (GATES > 1u) {
    outer.x.y = activations[at + h];
    outer.x.z = activations[at + 2u * h];
  }
  if (GATES > 3u) { outer.x.w = activations[at + 3u * h]; }
  return outer;
}

struct State {
  h: f32,
  c: f32,
}

// The unit's state after the step, from the one before it and the unit's part of `U h`; keeps what is to be kept.
fn advance(step: u32, row: u32, unit: u32, outer: Outer, product: vec4f, before: State) -> State {
  let n = params.hidden;
  let to = rowAfter(step, row);
  let at = to * KEPT * n + unit;
  var after = before;
  if (outer.counts) {
    let x = outer.x + product;
    if (CELL == LSTM) {
      let i = sigmoidOf(x.x);
      let f = sigmoidOf(x.y);
      let g = tanhOf(x.z);
      let o = sigmoidOf(x.w);
      after.c = f * before.c + i * g;
      after.h = o * tanhOf(after.c);
      if (params.save != 0u) {
        activations[at] = i;
        activations[at + n] = f;
        activations[at + 2u * n] = g;
        activations[at + 3u * n] = o;
      }
    } else if (CELL == GRU) {
      let r = sigmoidOf(x.x);
      let z = sigmoidOf(x.y);
      let candidate = product.z + biasOf(3u * n + unit);
      let g = tanhOf(outer.x.z + r * candidate);
      after.h = (1.0 - z) * g + z * before.h;
      if (params.save != 0u) {
        activations[at] = r;
        activations[at + n] = z;
        activations[at + 2u * n] = g;
        activations[at + 3u * n] = candidate;
      }
    } else if (CELL == 1u) {
      after.h = select(max(x.x, 0.0), x.x, isNan(x.x));
    } else {
      after.h = tanhOf(x.x);
    }
  }
  if (CELL == LSTM) { activations[at + 4u * n] = after.c; }
  states[to * n + unit] = after.h;
  return after;
}
