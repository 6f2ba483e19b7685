/** A square of numbers, `[s][t]`. */
export type Matrix = readonly (readonly number[])[];

/** The greatest number that is finite; 0 where there is none. */
export function greatest(matrix: Matrix): number {
  let most = 0;
  for (const row of matrix) {
    for (const value of row) if (Number.isFinite(value) && value > most) most = value;
  }
  return most;
}

/** How much of the sum of all norms, on the diagonal and below it, lies where a mask is not 0. */
export function shareInside(norms: Matrix, mask: Matrix): number {
  let [inside, all] = [0, 0];
  for (const [s, row] of norms.entries()) {
    for (let t = 0; t <= s; t++) {
      const norm = row[t] ?? 0;
      if (!Number.isFinite(norm)) continue;
      all += norm;
      if ((mask[s]?.[t] ?? 0) !== 0) inside += norm;
    }
  }
  return all === 0 ? 1 : inside / all;
}
