// RMSprop, in place: `s ← α s + (1−α) g²`, `u = g / (√s + ε)`, `b ← μ b + u`, `θ ← θ − lr·b`, with b = u without velocity.
//
// words: 0 parameter, 1 gradient, 2 square, 3 velocity or 0, 4 scale or 0, 5 elements;
// f32: 6 learning rate, 7 α, 8 1 − α, 9 ε, 10 μ, 11 λ

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { gradientScale } from './scale';

export function rmspropStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = gradientScale(args, 4);
  const velocities = pointer(args, 3);
  const end = elementOf(word(args, 5), part + 1, parts);
  for (let index = elementOf(word(args, 5), part, parts); index < end; index += 4) {
    const at = (<usize>index) << 2;
    const count = min(end - index, 4);
    const p = pointer(args, 0) + at;
    const s = pointer(args, 2) + at;
    const parameter = take(p, count);
    let gradient = take(pointer(args, 1) + at, count);
    let square = take(s, count);
    gradient = madd(parameter, floats(args, 11), f32x4.mul(gradient, scale));
    square = madd(f32x4.mul(gradient, gradient), floats(args, 8), f32x4.mul(square, floats(args, 7)));
    let step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(square), floats(args, 9)));
    if (velocities) {
      const v = velocities + at;
      step = madd(floats(args, 10), take(v, count), step);
      put(v, step, count);
    }
    const updated = nmadd(step, floats(args, 6), parameter);
    put(s, square, count);
    put(p, updated, count);
  }
}
