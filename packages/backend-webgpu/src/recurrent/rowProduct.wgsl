// Sums over k of weights times what runs through the segment, for four or eight batch rows and up to four columns a thread.
// Weights are packed four k to a vector, `[⌈K/4⌉, width]`; the rows are packed four to a vector, `[⌈B/4⌉, K]`, so that both come
// in vectors, the weights of neighbouring threads next to each other. Threads share out the k, and add up in one order.

// Columns of a workgroup that lie next to each other, and parts that k is cut in.
override LANES: u32 = 16;
override SPLITS: u32 = 16;
// Fours of batch rows of a workgroup: 1 or 2.
override GROUPS: u32 = 2;
override COLUMNS: u32 = 4;

// The sums of a thread: of rows 0 to 3 a, of rows 4 to 7 b, for each column.
struct Sums {
  a0: vec4f, a1: vec4f, a2: vec4f, a3: vec4f,
  b0: vec4f, b1: vec4f, b2: vec4f, b3: vec4f,
}

fn times(sum: vec4f, w: vec4f, x0: vec4f, x1: vec4f, x2: vec4f, x3: vec4f) -> vec4f {
  return fma(vec4f(w.w), x3, fma(vec4f(w.z), x2, fma(vec4f(w.y), x1, fma(vec4f(w.x), x0, sum))));
}

// `count` vectors of k; `columns` in a row of the packed weights; a and b where the rows' first vectors lie.
fn rowProduct(split: u32, count: u32, width: u32, columns: vec4u, a: u32, b: u32) -> Sums {
  var s = Sums();
  for (var q = split; q < count; q += SPLITS) {
    let at = q * width + columns;
    let w0 = vec4f(packed[at.x]);
    var w1 = vec4f();
    var w2 = vec4f();
    var w3 = vec4f();
    if (COLUMNS > 1u) { w1 = vec4f(packed[at.y]); }
    if (COLUMNS > 2u) { w2 = vec4f(packed[at.z]); }
    if (COLUMNS > 3u) { w3 = vec4f(packed[at.w]); }
    let k = q * 4u;
    let x0 = previous[a + k];
    let x1 = previous[a + k + 1u];
    let x2 = previous[a + k + 2u];
    let x3 = previous[a + k + 3u];
    s.a0 = times(s.a0, w0, x0, x1, x2, x3);
    if (COLUMNS > 1u) { s.a1 = times(s.a1, w1, x0, x1, x2, x3); }
    if (COLUMNS > 2u) { s.a2 = times(s.a2, w2, x0, x1, x2, x3); }
    if (COLUMNS > 3u) { s.a3 = times(s.a3, w3, x0, x1, x2, x3); }
    if (GROUPS > 1u) {
      let y0 = previous[b + k];
      let y1 = previous[b + k + 1u];
      let y2 = previous[b + k + 2u];
      let y3 = previous[b + k + 3u];
      s.b0 = times(s.b0, w0, y0, y1, y2, y3);
      if (COLUMNS > 1u) { s.b1 = times(s.b1, w1, y0, y1, y2, y3); }
      if (COLUMNS > 2u) { s.b2 = times(s.b2, w2, y0, y1, y2, y3); }
      if (COLUMNS > 3u) { s.b3 = times(s.b3, w3, y0, y1, y2, y3); }
    }
  }
  return s;
}

// What a thread does once the sums are there: one row of the workgroup's, one lane.
struct Item {
  row: u32,
  lane: u32,
  // Of items that lie one behind the other, one for each column where columns are not done together.
  column: u32,
}

fn itemOf(split: u32, lane: u32) -> Item {
  let t = split * LANES + lane;
  let rest = t / 4u / LANES;
  return Item(rest % GROUPS * 4u + t % 4u, t / 4u % LANES, rest / GROUPS);
}

var<workgroup> parts: array<vec4f, LANES * SPLITS * GROUPS>;

// The sum of all parts of k for an item's row and lane; every thread calls it, with its own part.
fn joined(a: vec4f, b: vec4f, split: u32, lane: u32, item: Item) -> f32 {
  let at = split * GROUPS * LANES + lane;
  parts[at] = a;
  if (GROUPS > 1u) { parts[at + LANES] = b; }
  workgroupBarrier();
  var sum = 0.0;
  let source = item.row / 4u * LANES + item.lane;
  for (var s = 0u; s < SPLITS; s++) {
    sum += parts[s * GROUPS * LANES + source][item.row % 4u];
  }
  workgroupBarrier();
  return sum;
}
