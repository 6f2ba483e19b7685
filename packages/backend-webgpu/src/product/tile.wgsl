//! include problem.wgsl
//! include tileMemory.wgsl
//! include tileResult.wgsl

// Whether a thread has 8 rows of the result, or 4; and 8 columns, or 4.
override TALL: bool = false;
override WIDE: bool = false;

// `block + rows ⊗ columns`.
fn addOuter(block: Block, rows: vec4f, columns: vec4f) -> Block {
  return Block(
    fma(vec4f(rows.x), columns, block.x),
    fma(vec4f(rows.y), columns, block.y),
    fma(vec4f(rows.z), columns, block.z),
    fma(vec4f(rows.w), columns, block.w),
  );
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = placeOf(group.x + group.y * groups.x);
  if (place.item >= params.batch) {
    return;
  }
  let starts = startsOf(place.item, place.piece);
  let begin = place.piece * params.pieceLength;
  let end = min(begin + params.pieceLength, params.k);
  let lines = linesOf(lane, place, starts);

  // The slots of its rows and columns, and the slice of steps, that are this thread's.
  let across = COLUMNS / select(4u, 8u, WIDE);
  let down = ROWS / select(4u, 8u, TALL);
  let slice = lane / (across * down);
  let thread = lane % (across * down);
  let row = thread / across;
  let column = thread % across;

  var c00 = Block();
  var c01 = Block();
  var c10 = Block();
  var c11 = Block();
  var next = fetch(lane, lines, begin, end);
  var half = 0u;
  var again = false;
  for (var first = begin; first < end; first += DEPTH) {
    keep(lane, half, next, end - first);
    workgroupBarrier();
    // Also past the end: a branch here would have the steps below wait for memory.
    next = fetch(lane, lines, first + DEPTH, end);
    let part = half * SLICES + slice;
    for (var step = 0u; step < SLICE_DEPTH; step++) {
      let a0 = tileA[part][step][row];
      let b0 = tileB[part][step][column];
      c00 = addOuter(c00, a0, b0);
      if (WIDE) {
        c01 = addOuter(c01, a0, tileB[part][step][column + across]);
      }
      if (TALL) {
        let a1 = tileA[part][step][row + down];
        c10 = addOuter(c10, a1, b0);
        if (WIDE) {
          c11 = addOuter(c11, a1, tileB[part][step][column + across]);
        }
      }
    }
    if (HALVES == 1u) {
      workgroupBarrier();
    } else {
      half = 1u - half;
    }
    // A sum of many terms loses digits: every so often what there is goes to memory, and the next sum begins at 0.
    if (first + DEPTH >= end || (first + DEPTH - begin) % BLOCK == 0u) {
      let rows = place.row + row;
      let columns = place.column + column;
      putSlices(c00, slice, thread, rows, columns, starts.out, again);
      c00 = Block();
      if (WIDE) {
        putSlices(c01, slice, thread, rows, columns + across, starts.out, again);
        c01 = Block();
      }
      if (TALL) {
        putSlices(c10, slice, thread, rows + down, columns, starts.out, again);
        c10 = Block();
        if (WIDE) {
          putSlices(c11, slice, thread, rows + down, columns + across, starts.out, again);
          c11 = Block();
        }
      }
      again = true;
    }
  }
}
