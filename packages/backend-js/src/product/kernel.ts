/** Rows and columns of a register tile. Of the tiles tried on V8, 2×4 is as fast as any and wastes least on small batches. */
export const tileRows = 2;
export const tileColumns = 4;

/**
 * Adds a 2×4 tile of a product: `c[i][j] += Σ_p rows[p][i] · columns[p][j]`, both factors packed in panels (see pack.ts).
 *
 * Panels are f64 whatever the tensors' dtype, so this function only ever sees one array type and V8 compiles it once, tightly.
 */
export function tile2x4(
  rows: Float64Array,
  r: number,
  columns: Float64Array,
  s: number,
  length: number,
  c: Float64Array,
  c0: number,
  stride: number,
): void {
  const c1 = c0 + stride;
  let c00 = c[c0]!, c01 = c[c0 + 1]!, c02 = c[c0 + 2]!, c03 = c[c0 + 3]!; // prettier-ignore
  let c10 = c[c1]!, c11 = c[c1 + 1]!, c12 = c[c1 + 2]!, c13 = c[c1 + 3]!; // prettier-ignore
  for (let p = 0; p < length; p++) {
    const a0 = rows[r]!, a1 = rows[r + 1]!; // prettier-ignore
    const b0 = columns[s]!, b1 = columns[s + 1]!, b2 = columns[s + 2]!, b3 = columns[s + 3]!; // prettier-ignore
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3; // prettier-ignore
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3; // prettier-ignore
    r += 2;
    s += 4;
  }
  c[c0] = c00;
  c[c0 + 1] = c01;
  c[c0 + 2] = c02;
  c[c0 + 3] = c03; // prettier-ignore
  c[c1] = c10;
  c[c1 + 1] = c11;
  c[c1 + 2] = c12;
  c[c1 + 3] = c13; // prettier-ignore
}

/** The same for the last row of an odd number: a panel one row high. */
export function tile1x4(
  rows: Float64Array,
  r: number,
  columns: Float64Array,
  s: number,
  length: number,
  c: Float64Array,
  c0: number,
): void {
  let c00 = c[c0]!, c01 = c[c0 + 1]!, c02 = c[c0 + 2]!, c03 = c[c0 + 3]!; // prettier-ignore
  for (let p = 0; p < length; p++) {
    const a0 = rows[r]!;
    c00 += a0 * columns[s]!;
    c01 += a0 * columns[s + 1]!;
    c02 += a0 * columns[s + 2]!;
    c03 += a0 * columns[s + 3]!; // prettier-ignore
    r += 1;
    s += 4;
  }
  c[c0] = c00;
  c[c0 + 1] = c01;
  c[c0 + 2] = c02;
  c[c0 + 3] = c03; // prettier-ignore
}
