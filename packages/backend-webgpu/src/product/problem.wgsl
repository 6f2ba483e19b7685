// One product, C [m, n] = A [m, k] · B [k, n], or a batch of them: what all kernels of products are told.
struct Params {
  m: u32,
  n: u32,
  k: u32,
  batch: u32,
  // In elements: where an operand begins, from one row of A (column of B) to the next, and from one k to the next.
  aStart: u32,
  aRow: u32,
  aStep: u32,
  bStart: u32,
  bColumn: u32,
  bStep: u32,
  outStart: u32,
  outRow: u32,
  outColumn: u32,
  biasStart: u32,
  // Pieces that the sum over k is cut into, and how long each is.
  pieces: u32,
  pieceLength: u32,
  // Of the batch, innermost first: length, and strides of A, B and C.
  axes: array<vec4u, 6>,
}

@group(0) @binding(0) var<uniform> params: Params;

struct Starts {
  a: u32,
  b: u32,
  out: u32,
}

// Where number `item` of the batch begins in each operand.
fn startsOf(item: u32) -> Starts {
  var starts = Starts(params.aStart, params.bStart, params.outStart);
  var rest = item;
  for (var axis = 0u; axis < 6u && rest > 0u; axis++) {
    let along = params.axes[axis];
    let index = rest % along.x;
    rest /= along.x;
    starts.a += index * along.y;
    starts.b += index * along.z;
    starts.out += index * along.w;
  }
  return starts;
}
