// Layer normalisation of rows: `(x − mean)·rstd ⊙ weight + bias`, rstd = 1/√(var + ε).
//
// words: 0 x [rows, length], 1 weight, 2 bias, 3 out, 4 mean [rows], 5 rstd [rows], 6 rows, 7 length, 8 ε (f32)

import { madd } from '../math/madd';
import { Term, sumOf } from '../reduce/sumOf';
import { loadPart, storePart } from '../task/lanes';
import { float, pointer, rowOf, word } from '../task/part';

export function layerNorm(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const length = word(args, 7);
  const rest = length & 3;
  const end = rowOf(word(args, 6), part + 1, parts);
  for (let row = rowOf(word(args, 6), part, parts); row < end; row++) {
    const offset = ((<usize>row) * length) << 2;
    let x = pointer(args, 0) + offset;
    let out = pointer(args, 3) + offset;
    let weight = pointer(args, 1);
    let bias = pointer(args, 2);
    const mean = sumOf(Term.ITSELF, x, length, f32x4.splat(0)) / <f32>length;
    const means = f32x4.splat(mean);
    const variance = sumOf(Term.SQUARE, x, length, means) / <f32>length;
    const rstd = <f32>1 / sqrt<f32>(variance + float(args, 8));
    const rstds = f32x4.splat(rstd);
    store<f32>(pointer(args, 4) + ((<usize>row) << 2), mean);
    store<f32>(pointer(args, 5) + ((<usize>row) << 2), rstd);
    const last = out + ((<usize>length & ~3) << 2);
    for (; out < last; out += 16, x += 16, weight += 16, bias += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x), means), rstds);
      v128.store(out, madd(normal, v128.load(weight), v128.load(bias)));
    }
    if (rest) {
      const normal = f32x4.mul(f32x4.sub(loadPart(x, rest), means), rstds);
      storePart(out, madd(normal, loadPart(weight, rest), loadPart(bias, rest)), rest);
    }
  }
}
