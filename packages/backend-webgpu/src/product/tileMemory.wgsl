// A tile of A and one of B in workgroup memory, `DEPTH` steps of k at a time.
// A slot is four rows (columns) as one vector: slot i of S holds i, i + S, i + 2S, i + 3S, so that neighbours in a workgroup read and
// write neighbours in memory whichever way a matrix is stored, and no element need be aligned.
// RowSlice and ColumnSlice are array<array<vec4f, slots + 1>, DEPTH / SLICES>: nested, so that what keeps an index within its bounds
// is done once and not at each step; with one slot more than there are, lest a column of slots lies in one bank.
override ROWS: u32 = 32;
override COLUMNS: u32 = 32;
override DEPTH: u32 = 8;
override THREADS: u32 = 64;
// 2 where one half is filled while the other is used.
override HALVES: u32 = 1;
// Parts of the tiles' steps, each of which has threads of its own.
override SLICES: u32 = 1;

override ROW_SLOTS: u32 = ROWS / 4;
override COLUMN_SLOTS: u32 = COLUMNS / 4;
override SLICE_DEPTH: u32 = DEPTH / SLICES;
// Slots that a thread fills: one or two.
override ROW_LOADS: u32 = ROW_SLOTS * DEPTH / THREADS;
override COLUMN_LOADS: u32 = COLUMN_SLOTS * DEPTH / THREADS;

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

var<workgroup> tileA: array<RowSlice, HALVES * SLICES>;
var<workgroup> tileB: array<ColumnSlice, HALVES * SLICES>;

struct Place {
  item: u32,
  piece: u32,
  row: u32,
  column: u32,
}

// Which tile of which product: in strips of eight tiles' height, so that neighbours in time share operands.
fn placeOf(number: u32) -> Place {
  let high = (params.m + ROWS - 1u) / ROWS;
  let wide = (params.n + COLUMNS - 1u) / COLUMNS;
  let each = high * wide;
  let product = number / each;
  let tile = number % each;
  let top = tile / (8u * wide) * 8u;
  let height = min(8u, high - top);
  let inside = tile % (8u * wide);
  let row = (top + inside % height) * ROWS;
  return Place(product / params.pieces, product % params.pieces, row, inside / height * COLUMNS);
}

// Where the rows and columns begin that a thread fetches; those past the last are the last again, and never stored.
struct Lines {
  a0: vec4u,
  a1: vec4u,
  b0: vec4u,
  b1: vec4u,
}

// Slot and step that a thread fetches as number `i` of the tile.
fn slotOf(i: u32, along: bool, slots: u32) -> vec2u {
  return select(vec2u(i % slots, i / slots), vec2u(i / DEPTH, i % DEPTH), along);
}

fn linesFrom(first: u32, slots: u32, count: u32) -> vec4u {
  return min(vec4u(first, first + slots, first + 2u * slots, first + 3u * slots), vec4u(count - 1u));
}

fn linesOf(lane: u32, place: Place, starts: Starts) -> Lines {
  let i0 = place.row + slotOf(lane, has(aAlong), ROW_SLOTS).x;
  let i1 = place.row + slotOf(lane + THREADS, has(aAlong), ROW_SLOTS).x;
  let j0 = place.column + slotOf(lane, has(bAlong), COLUMN_SLOTS).x;
  let j1 = place.column + slotOf(lane + THREADS, has(bAlong), COLUMN_SLOTS).x;
  return Lines(
    starts.a + linesFrom(i0, ROW_SLOTS, params.m) * params.aRow,
    starts.a + linesFrom(i1, ROW_SLOTS, params.m) * params.aRow,
    starts.b + linesFrom(j0, COLUMN_SLOTS, params.n) * params.bColumn,
    starts.b + linesFrom(j1, COLUMN_SLOTS, params.n) * params.bColumn,
  );
}

// What a thread holds on the way from memory to the tile.
struct Fetched {
  a0: vec4f,
  a1: vec4f,
  b0: vec4f,
  b1: vec4f,
}

// Past the last step it is the last again.
fn fetchA(line: vec4u, step: u32, end: u32) -> vec4f {
  let i = line + min(step, end - 1u) * params.aStep;
  return vec4f(a[i.x], a[i.y], a[i.z], a[i.w]);
}

fn fetchB(line: vec4u, step: u32, end: u32) -> vec4f {
  let i = line + min(step, end - 1u) * params.bStep;
  return vec4f(b[i.x], b[i.y], b[i.z], b[i.w]);
}

// Nothing here waits for what is fetched.
fn fetch(lane: u32, lines: Lines, first: u32, end: u32) -> Fetched {
  var fetched = Fetched();
  fetched.a0 = fetchA(lines.a0, first + slotOf(lane, has(aAlong), ROW_SLOTS).y, end);
  if (ROW_LOADS > 1u) {
    fetched.a1 = fetchA(lines.a1, first + slotOf(lane + THREADS, has(aAlong), ROW_SLOTS).y, end);
  }
  fetched.b0 = fetchB(lines.b0, first + slotOf(lane, has(bAlong), COLUMN_SLOTS).y, end);
  if (COLUMN_LOADS > 1u) {
    fetched.b1 = fetchB(lines.b1, first + slotOf(lane + THREADS, has(bAlong), COLUMN_SLOTS).y, end);
  }
  return fetched;
}

fn keepA(half: u32, slot: vec2u, value: vec4f, steps: u32) {
  tileA[half * SLICES + slot.y / SLICE_DEPTH][slot.y % SLICE_DEPTH][slot.x] = select(vec4f(), value, slot.y < steps);
}

fn keepB(half: u32, slot: vec2u, value: vec4f, steps: u32) {
  tileB[half * SLICES + slot.y / SLICE_DEPTH][slot.y % SLICE_DEPTH][slot.x] = select(vec4f(), value, slot.y < steps);
}

// Puts what was fetched into half number `half` of the tiles; past `steps` there are zeros, whatever was fetched.
fn keep(lane: u32, half: u32, fetched: Fetched, steps: u32) {
  keepA(half, slotOf(lane, has(aAlong), ROW_SLOTS), fetched.a0, steps);
  if (ROW_LOADS > 1u) {
    keepA(half, slotOf(lane + THREADS, has(aAlong), ROW_SLOTS), fetched.a1, steps);
  }
  keepB(half, slotOf(lane, has(bAlong), COLUMN_SLOTS), fetched.b0, steps);
  if (COLUMN_LOADS > 1u) {
    keepB(half, slotOf(lane + THREADS, has(bAlong), COLUMN_SLOTS), fetched.b1, steps);
  }
}
