// Adam and AdamW, in place. Sources: Kingma & Ba, ICLR 2015; Loshchilov & Hutter, ICLR 2019.
//
// words: 0 parameter, 1 gradient, 2 and 3 moments, 4 scale or 0, 5 elements; f32: 6 β1, 7 1 − β1, 8 β2, 9 1 − β2,
// 10 learning rate / (1 − β1^step), 11 1/√(1 − β2^step), 12 ε, 13 λ added to the gradient, 14 lr·λ, what AdamW takes off

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { gradientScale } from './scale';

export function adamStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = gradientScale(args, 4);
  const end = elementOf(word(args, 5), part + 1, parts);
  for (let index = elementOf(word(args, 5), part, parts); index < end; index += 4) {
    const at = (<usize>index) << 2;
    const count = min(end - index, 4);
    const p = pointer(args, 0) + at;
    const m = pointer(args, 2) + at;
    const v = pointer(args, 3) + at;
    let parameter = take(p, count);
    let gradient = take(pointer(args, 1) + at, count);
    let first = take(m, count);
    let second = take(v, count);
    gradient = madd(parameter, floats(args, 13), f32x4.mul(gradient, scale));
    first = madd(gradient, floats(args, 7), f32x4.mul(first, floats(args, 6)));
    second = madd(f32x4.mul(gradient, gradient), floats(args, 9), f32x4.mul(second, floats(args, 8)));
    const root = madd(f32x4.sqrt(second), floats(args, 11), floats(args, 12));
    const step = f32x4.div(f32x4.mul(first, floats(args, 10)), root);
    parameter = f32x4.sub(nmadd(parameter, floats(args, 14), parameter), step);
    put(p, parameter, count);
    put(m, first, count);
    put(v, second, count);
  }
}
