// Gradients of layer normalisation from dL/dy = g. With x̂ = (x − mean)·rstd and u = g ⊙ weight:
// dx = rstd·(u − mean(u) − x̂·mean(u ⊙ x̂)), dweight = Σ_rows g ⊙ x̂, dbias = Σ_rows g
//
// words: 0 x [rows, length], 1 weight, 2 mean, 3 rstd, 4 g, 5 dx, 6 dweight, 7 dbias, 8 rows, 9 length

import { madd, nmadd } from '../math/madd';
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

/** Gradients of weight and bias; parts take columns. */
export function layerNormBackwardAffine(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const length = word(args, 9);
  const rows = word(args, 8);
  const stride = (<usize>length) << 2;
  const end = elementOf(length, part + 1, parts);
  for (let column = elementOf(length, part, parts); column < end; column += 4) {
    const count = min(end - column, 4);
    let x = pointer(args, 0) + (column << 2);
    let g = pointer(args, 4) + (column << 2);
    let dWeight = f32x4.splat(0);
    let dBias = f32x4.splat(0);
    for (let row = 0; row < rows; row++, x += stride, g += stride) {
      const mean = v128.load32_splat(pointer(args, 2) + ((<usize>row) << 2));
      const rstd = v128.load32_splat(pointer(args, 3) + ((<usize>row) << 2));
      const cotangent = take(g, count);
      dWeight = madd(cotangent, f32x4.mul(f32x4.sub(take(x, count), mean), rstd), dWeight);
      dBias = f32x4.add(dBias, cotangent);
    }
    put(pointer(args, 6) + (column << 2), dWeight, count);
    put(pointer(args, 7) + (column << 2), dBias, count);
  }
}
