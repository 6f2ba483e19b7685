import { put, take } from '../task/lanes';

/** Sums of `columns` columns of a matrix of `rows` rows, `step` bytes apart: stored at `sums`, or added to what is there. */
export function addColumnSums(matrix: usize, step: usize, rows: i32, columns: i32, sums: usize, add: bool): void {
  for (; columns >= 16; columns -= 16) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let row = 0, at = matrix; row < rows; row++, at += step) {
      s0 = f32x4.add(s0, v128.load(at));
      s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32));
      s3 = f32x4.add(s3, v128.load(at, 48));
    }
    finish(s0, sums, 4, add);
    finish(s1, sums + 16, 4, add);
    finish(s2, sums + 32, 4, add);
    finish(s3, sums + 48, 4, add);
    matrix += 64;
    sums += 64;
  }
  for (; columns > 0; columns -= 4) {
    const count = min(columns, 4);
    let sum = f32x4.splat(0);
    for (let row = 0, at = matrix; row < rows; row++, at += step) sum = f32x4.add(sum, take(at, count));
    finish(sum, sums, count, add);
    matrix += 16;
    sums += 16;
  }
}

@inline
function finish(sum: v128, at: usize, count: i32, add: bool): void {
  put(at, add ? f32x4.add(sum, take(at, count)) : sum, count);
}
