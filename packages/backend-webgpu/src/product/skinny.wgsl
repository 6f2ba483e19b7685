//! include problem.wgsl

// Rows of A that a thread goes through, at most 4.
override ROWS: u32 = 1;

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> result: array<f32>;

var<workgroup> laneSums: array<vec4f, 256>;

// Four steps of a row; those past the last are the last again, with a 0 in B.
fn rowSteps(line: u32, steps: vec4u) -> vec4f {
  let i = line + steps * params.aStep;
  return vec4f(a[i.x], a[i.y], a[i.z], a[i.w]);
}

fn total(v: vec4f) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

fn put(value: f32, row: u32, column: u32, start: u32) {
  if (row >= params.m) {
    return;
  }
  var sum = value;
  if (has(withBias)) {
    sum += bias[params.biasStart + select(column, row, has(exchanged))];
  }
  let at = start + row * params.outRow + column * params.outColumn;
  if (has(accumulate)) {
    sum += result[at];
  }
  result[at] = sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Columns of the workgroup, and threads that share one column's steps along k.
  let along = has(bAlong);
  let columns = select(32u, 8u, along);
  let lanes = 256u / columns;
  let wide = (params.n + columns - 1u) / columns;
  let high = (params.m + ROWS - 1u) / ROWS;
  let number = group.x + group.y * groups.x;
  let product = number / (wide * high);
  let item = product / params.pieces;
  if (item >= params.batch) {
    return;
  }
  let piece = product % params.pieces;
  let starts = startsOf(item, piece);
  let begin = piece * params.pieceLength;
  let end = min(begin + params.pieceLength, params.k);

  let local = select(lane % columns, lane / lanes, along);
  let share = select(lane / columns, lane % lanes, along);
  let row = (number / wide % high) * ROWS;
  let column = number % wide * columns + local;
  let line = starts.b + min(column, params.n - 1u) * params.bColumn;
  let rows = starts.a + min(row + vec4u(0, 1, 2, 3), vec4u(params.m - 1u)) * params.aRow;

  var sums = vec4f();
  var first = begin + share;
  while (first < end) {
    // A sum of many terms loses digits: it is cut into shorter ones.
    var x = vec4f();
    var y = vec4f();
    var z = vec4f();
    var w = vec4f();
    for (var i = 0u; i < 256u && first < end; i++) {
      let steps = first + lanes * vec4u(0, 1, 2, 3);
      let inside = steps < vec4u(end);
      let clamped = min(steps, vec4u(end - 1u));
      let j = line + clamped * params.bStep;
      let v = vec4f(b[j.x], b[j.y], b[j.z], b[j.w]);
      x += select(vec4f(), rowSteps(rows.x, clamped) * v, inside);
      if (ROWS > 1u) {
        y += select(vec4f(), rowSteps(rows.y, clamped) * v, inside);
      }
      if (ROWS > 2u) {
        z += select(vec4f(), rowSteps(rows.z, clamped) * v, inside);
        w += select(vec4f(), rowSteps(rows.w, clamped) * v, inside);
      }
      first += lanes * 4u;
    }
    sums += vec4f(total(x), total(y), total(z), total(w));
  }

  laneSums[share * columns + local] = sums;
  for (var apart = lanes / 2u; apart > 0u; apart /= 2u) {
    workgroupBarrier();
    if (share < apart) {
      laneSums[share * columns + local] += laneSums[(share + apart) * columns + local];
    }
  }
  if (share == 0u && column < params.n) {
    let all = laneSums[local];
    put(all.x, row, column, starts.out);
    if (ROWS > 1u) {
      put(all.y, row + 1u, column, starts.out);
    }
    if (ROWS > 2u) {
      put(all.z, row + 2u, column, starts.out);
      put(all.w, row + 3u, column, starts.out);
    }
  }
}
