import { storeTransposed4 } from './transpose4';

/** One panel `[k, 8]` from B stored `[k, n]`: `columns` (1 to 8) columns from `b` on, zeros to the right of them. */
export function packPanel(panel: usize, b: usize, ldb: usize, k: i32, columns: i32): void {
  if (columns == 8) {
    for (; k > 0; k--) {
      v128.store(panel, v128.load(b));
      v128.store(panel, v128.load(b, 16), 16);
      b += ldb;
      panel += 32;
    }
    return;
  }
  const zero = f32x4.splat(0);
  for (; k > 0; k--) {
    v128.store(panel, zero);
    v128.store(panel, zero, 16);
    for (let j = 0; j < columns; j++) store<f32>(panel + (<usize>j << 2), load<f32>(b + (<usize>j << 2)));
    b += ldb;
    panel += 32;
  }
}

/** One panel `[k, 8]` from B stored `[n, k]`: `columns` (1 to 8) of its rows from `b` on, zeros for the missing ones. */
export function packPanelTransposed(panel: usize, b: usize, ldb: usize, k: i32, columns: i32): void {
  if (columns == 8) {
    const lower = b + 4 * ldb;
    let at: usize = 0;
    let left = k;
    for (; left >= 4; left -= 4) {
      const p = b + at, q = lower + at;
      storeTransposed4(v128.load(p), v128.load(p + ldb), v128.load(p + 2 * ldb), v128.load(p + 3 * ldb), panel, 32);
      storeTransposed4(v128.load(q), v128.load(q + ldb), v128.load(q + 2 * ldb), v128.load(q + 3 * ldb), panel + 16, 32);
      at += 16;
      panel += 128;
    }
    for (; left > 0; left--) {
      for (let j: usize = 0; j < 8; j++) store<f32>(panel + (j << 2), load<f32>(b + j * ldb + at));
      at += 4;
      panel += 32;
    }
    return;
  }
  const zero = f32x4.splat(0);
  for (let at: usize = 0, end = <usize>k << 2; at < end; at += 4) {
    v128.store(panel, zero);
    v128.store(panel, zero, 16);
    for (let j = 0; j < columns; j++) store<f32>(panel + (<usize>j << 2), load<f32>(b + <usize>j * ldb + at));
    panel += 32;
  }
}
