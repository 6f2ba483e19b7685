// Gradients of layer normalisation from dL/dy = g. With x̂ = (x − mean)·rstd and u = g ⊙ weight:
// dx = rstd·(u − mean(u) − x̂·mean(u ⊙ x̂)), dweight = Σ_rows g ⊙ x̂, dbias = Σ_rows g
//
// words: 0 x [rows, length], 1 weight, 2 mean, 3 rstd, 4 g, 5 dx, 6 dweight, 7 dbias, 8 rows, 9 length

import { madd, nmadd } from '../math/madd';
import { addInto } from '../task/addInto';
import { floatBytes } from '../task/bytes';
import { addLanes, put, take } from '../task/lanes';
import { elementOf, pointer, rowOf, word } from '../task/part';

/** Gradient of x; parts take rows. */
export function layerNormBackwardInput(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const length = word(args, 9);
  const weight = pointer(args, 1);
  const end = rowOf(word(args, 8), part + 1, parts);
  for (let row = rowOf(word(args, 8), part, parts); row < end; row++) {
    const offset = ((<usize>row) * length) << 2;
    const x = pointer(args, 0) + offset;
    const g = pointer(args, 4) + offset;
    const out = pointer(args, 5) + offset;
    const mean = v128.load32_splat(pointer(args, 2) + ((<usize>row) << 2));
    const rstd = v128.load32_splat(pointer(args, 3) + ((<usize>row) << 2));
    let sumU = f32x4.splat(0);
    let sumUx = f32x4.splat(0);
    for (let at = 0; at < length; at += 4) {
      const count = min(length - at, 4);
      const u = f32x4.mul(take(g + (at << 2), count), take(weight + (at << 2), count));
      sumU = f32x4.add(sumU, u);
      sumUx = madd(u, f32x4.mul(f32x4.sub(take(x + (at << 2), count), mean), rstd), sumUx);
    }
    const meanU = f32x4.splat(addLanes(sumU) / <f32>length);
    const meanUx = f32x4.splat(addLanes(sumUx) / <f32>length);
    for (let at = 0; at < length; at += 4) {
      const count = min(length - at, 4);
      const u = f32x4.mul(take(g + (at << 2), count), take(weight + (at << 2), count));
      const normal = f32x4.mul(f32x4.sub(take(x + (at << 2), count), mean), rstd);
      const dx = f32x4.mul(rstd, nmadd(normal, meanUx, f32x4.sub(u, meanU)));
      put(out + (at << 2), dx, count);
    }
  }
}

/** Rows whose share of the gradients of weight and bias is added up apart, so that errors do not grow with all rows before. */
const rowsAtOnce: i32 = 256;

/** Bytes of scratch of one part: the shares of its columns in both gradients. */
export function layerNormBackwardAffineScratchBytes(args: usize, _parts: i32): f64 {
  return <f64>floatBytes(2, word(args, 9));
}

/** Gradients of weight and bias, summed up row by row; parts take columns. */
export function layerNormBackwardAffine(args: usize, part: i32, parts: i32, scratch: usize): void {
  const length = word(args, 9);
  const rows = word(args, 8);
  const stride = (<usize>length) << 2;
  const first = elementOf(length, part, parts);
  const columns = elementOf(length, part + 1, parts) - first;
  const offset = (<usize>first) << 2;
  const dWeight = pointer(args, 6) + offset, dBias = pointer(args, 7) + offset;
  const bytes = (<usize>columns) << 2;
  const shareWeight = scratch, shareBias = scratch + bytes;
  memory.fill(dWeight, 0, bytes);
  memory.fill(dBias, 0, bytes);
  let x = pointer(args, 0) + offset, g = pointer(args, 4) + offset;
  for (let row = 0; row < rows; ) {
    const end = min(row + rowsAtOnce, rows);
    memory.fill(scratch, 0, 2 * bytes);
    for (; row < end; row++, x += stride, g += stride) {
      const mean = v128.load32_splat(pointer(args, 2) + ((<usize>row) << 2));
      const rstd = v128.load32_splat(pointer(args, 3) + ((<usize>row) << 2));
      addRow(x, g, mean, rstd, shareWeight, shareBias, columns);
    }
    addInto(dWeight, shareWeight, columns);
    addInto(dBias, shareBias, columns);
  }
}

function addRow(x: usize, g: usize, mean: v128, rstd: v128, dWeight: usize, dBias: usize, columns: i32): void {
  for (; columns >= 4; columns -= 4) {
    addLanesOfRow(x, g, mean, rstd, dWeight, dBias, 4);
    x += 16; g += 16; dWeight += 16; dBias += 16;
  }
  if (columns > 0) addLanesOfRow(x, g, mean, rstd, dWeight, dBias, columns);
}

@inline
function addLanesOfRow(x: usize, g: usize, mean: v128, rstd: v128, dWeight: usize, dBias: usize, count: i32): void {
  const cotangent = take(g, count);
  put(dWeight, madd(cotangent, f32x4.mul(f32x4.sub(take(x, count), mean), rstd), take(dWeight, count)), count);
  put(dBias, f32x4.add(take(dBias, count), cotangent), count);
}
