import { put, take } from '../task/lanes';

/** Sums of `rows` columns that `packTiles` packed as tiles `[count, 4]`: stored at `sums`, or added to what is there. */
export function addColumnSums(tiles: usize, rows: i32, count: i32, sums: usize, add: bool): void {
  for (; rows > 0; rows -= 4) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let left = count;
    for (; left >= 4; left -= 4) {
      s0 = f32x4.add(s0, v128.load(tiles));
      s1 = f32x4.add(s1, v128.load(tiles, 16));
      s2 = f32x4.add(s2, v128.load(tiles, 32));
      s3 = f32x4.add(s3, v128.load(tiles, 48));
      tiles += 64;
    }
    for (; left > 0; left--) {
      s0 = f32x4.add(s0, v128.load(tiles));
      tiles += 16;
    }
    const lanes = min(rows, 4);
    const sum = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
    put(sums, add ? f32x4.add(sum, take(sums, lanes)) : sum, lanes);
    sums += 16;
  }
}
