// A batch of products, C [m, n] = A [m, k] · B [k, n] (+ bias [n]): what all their kernels are told.
struct Params {
  m: u32,
  n: u32,
  k: u32,
  batch: u32,
  // In elements: where an operand begins, from a row of A (a column of B) to the next, and from one step along k to the next.
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
  // Pieces that k is cut into, how long each is, and from the sums of one to those of the next.
  pieces: u32,
  pieceLength: u32,
  outPiece: u32,
  // Of the flags below.
  flags: u32,
  // Of the batch, innermost first: length, and strides of A, B and C.
  @align(16) axes: array<vec4u, 6>,
}

// Steps along k lie side by side in A, in B.
const aAlong = 1u;
const bAlong = 2u;
// The bias is added; what is in C already is added to.
const withBias = 4u;
const accumulate = 8u;
// The operands' roles are exchanged: the result is Cᵀ, and its rows have the bias.
const exchanged = 16u;

@group(0) @binding(0) var<uniform> params: Params;

fn has(flag: u32) -> bool {
  return (params.flags & flag) != 0u;
}

struct Starts {
  a: u32,
  b: u32,
  out: u32,
}

// Where number `item` of the batch begins in each operand, and piece `piece` in C.
fn startsOf(item: u32, piece: u32) -> Starts {
  var starts = Starts(params.aStart, params.bStart, params.outStart + piece * params.outPiece);
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
