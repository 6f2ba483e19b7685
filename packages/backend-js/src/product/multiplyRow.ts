import type { TypedArray } from '@tempograd/core/backend';
import type { MatrixView } from './pack.js';

/**
 * `out [1, n] = a [1, k] · b [k, n] (+ bias)` without packing: b is read once, so there is nothing to win by it.
 * Each element is summed in the same order as by the tiles, so that it does not depend on the batch it is computed in.
 */
export function multiplyRow(
  a: MatrixView,
  b: MatrixView,
  n: number,
  k: number,
  out: TypedArray,
  start: number,
  bias: ArrayLike<number> | null,
): void {
  for (let j = 0; j < n; j += 4) {
    // Columns past the last one are the last one again, and are not stored.
    const last = b.offset + (n - 1) * b.columnStride;
    const first = b.offset + j * b.columnStride;
    const i1 = j + 1 < n ? first + b.columnStride : last;
    const i2 = j + 2 < n ? first + 2 * b.columnStride : last;
    const i3 = j + 3 < n ? first + 3 * b.columnStride : last;
    let c0 = 0, c1 = 0, c2 = 0, c3 = 0; // prettier-ignore
    for (let p = 0, i = a.offset, s = 0; p < k; p++, i += a.columnStride, s += b.rowStride) {
      const x = a.data[i]!;
      c0 += x * b.data[first + s]!;
      c1 += x * b.data[i1 + s]!;
      c2 += x * b.data[i2 + s]!;
      c3 += x * b.data[i3 + s]!;
    }
    const o = start + j;
    out[o] = bias === null ? c0 : c0 + bias[j]!;
    if (j + 1 < n) out[o + 1] = bias === null ? c1 : c1 + bias[j + 1]!;
    if (j + 2 < n) out[o + 2] = bias === null ? c2 : c2 + bias[j + 2]!;
    if (j + 3 < n) out[o + 3] = bias === null ? c3 : c3 + bias[j + 3]!;
  }
}
