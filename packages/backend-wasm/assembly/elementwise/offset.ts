// Where a row of a dense result is found in an operand that is broadcast, transposed, sliced or flipped.
//
// A layout lists the outer axes, innermost first: each its length, then its stride in bytes for each operand.

/** Byte offset of row number `row` in operand number `operand` of `operands`. */
@inline
export function offsetOfRow(row: i32, rank: i32, layout: usize, operand: i32, operands: i32): usize {
  let offset: i32 = 0;
  for (let axis = 0; axis < rank; axis++) {
    const length = load<i32>(layout);
    const outer = row / length;
    offset += (row - outer * length) * load<i32>(layout + ((1 + operand) << 2));
    row = outer;
    layout += (1 + operands) << 2;
  }
  return offset;
}
