import type { TypedArray } from '@tempograd/core/backend';
import type { MatrixView } from './pack.js';

/** `out [m, n] = a [m, 1] · b [1, n] (+ bias)`: nothing is read twice in a way that packing would speed up. */
export function multiplyOuter(
  a: MatrixView,
  b: MatrixView,
  m: number,
  n: number,
  out: TypedArray,
  start: number,
  bias: ArrayLike<number> | null,
): void {
  const { data, offset, columnStride } = b;
  let o = start;
  for (let row = 0, i = a.offset; row < m; row++, i += a.rowStride) {
    const x = a.data[i]!;
    // Added to 0 as sums are, so that the result has the same bits: 0, not −0.
    if (bias === null) for (let j = 0, s = offset; j < n; j++, s += columnStride) out[o++] = 0 + x * data[s]!;
    else for (let j = 0, s = offset; j < n; j++, s += columnStride) out[o++] = 0 + x * data[s]! + bias[j]!;
  }
}
