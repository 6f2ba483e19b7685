// For kernels with `indices` and `params.indicesStart`.

var<workgroup> found: array<u32, 2048>;
// One bit for each index.
var<workgroup> marks: array<atomic<u32>, 64>;

// Lists where `row` stands in `[begin, begin + 2048)`, in order; returns how often it does.
fn search(row: u32, begin: u32, end: u32, lane: u32) -> u32 {
  if (lane < 64u) {
    atomicStore(&marks[lane], 0u);
  }
  workgroupBarrier();
  let first = begin + lane * 8u;
  var hits = 0u;
  for (var k = 0u; k < 8u && first + k < end; k++) {
    hits |= u32(u32(indices[params.indicesStart + first + k]) == row) << k;
  }
  let shift = lane % 4u * 8u;
  if (hits != 0u) {
    atomicOr(&marks[lane / 4u], hits << shift);
  }
  workgroupBarrier();
  var at = countOneBits(atomicLoad(&marks[lane / 4u]) & ((1u << shift) - 1u));
  var all = 0u;
  for (var word = 0u; word * 32u < min(end - begin, 2048u); word++) {
    let count = countOneBits(atomicLoad(&marks[word]));
    at += select(0u, count, word < lane / 4u);
    all += count;
  }
  for (; hits != 0u; hits &= hits - 1u) {
    found[at] = first + firstTrailingBit(hits);
    at++;
  }
  workgroupBarrier();
  return all;
}
