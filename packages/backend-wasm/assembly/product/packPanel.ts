import { storeTransposed4 } from '../task/transpose4';
import { panelBytes, panelWidth } from './panelRows';

/** One panel `[k, 16]` from B stored `[k, n]`: `columns` (1 to 16) columns from `b` on, zeros to the right of them. */
export function packPanel(panel: usize, b: usize, ldb: usize, k: i32, columns: i32): void {
  if (columns == panelWidth) {
    for (; k > 0; k--) {
      v128.store(panel, v128.load(b));
      v128.store(panel, v128.load(b, 16), 16);
      v128.store(panel, v128.load(b, 32), 32);
      v128.store(panel, v128.load(b, 48), 48);
      b += ldb;
      panel += panelBytes;
    }
    return;
  }
  for (; k > 0; k--) {
    clearStep(panel);
    for (let j = 0; j < columns; j++) store<f32>(panel + (<usize>j << 2), load<f32>(b + (<usize>j << 2)));
    b += ldb;
    panel += panelBytes;
  }
}

/** One panel `[k, 16]` from B stored `[n, k]`: `columns` (1 to 16) of its rows from `b` on, zeros for the missing ones. */
export function packPanelTransposed(panel: usize, b: usize, ldb: usize, k: i32, columns: i32): void {
  let at: usize = 0;
  if (columns == panelWidth) {
    for (; k >= 4; k -= 4) {
      for (let row: usize = 0; row < 16; row += 4) {
        const p = b + row * ldb + at;
        const to = panel + (row << 2);
        storeTransposed4(v128.load(p), v128.load(p + ldb), v128.load(p + 2 * ldb), v128.load(p + 3 * ldb), to, panelBytes);
      }
      at += 16;
      panel += 4 * panelBytes;
    }
  }
  for (; k > 0; k--) {
    clearStep(panel);
    for (let j = 0; j < columns; j++) store<f32>(panel + (<usize>j << 2), load<f32>(b + <usize>j * ldb + at));
    at += 4;
    panel += panelBytes;
  }
}

@inline
function clearStep(panel: usize): void {
  const zero = f32x4.splat(0);
  v128.store(panel, zero);
  v128.store(panel, zero, 16);
  v128.store(panel, zero, 32);
  v128.store(panel, zero, 48);
}
