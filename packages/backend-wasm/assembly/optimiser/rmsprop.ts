// RMSprop, in place: `s ← α s + (1−α) g²`, `u = g / (√s + ε)`, `b ← μ b + u`, `θ ← θ − lr·b`, with b = u without velocity.
//
// words: 0 parameter, 1 gradient, 2 square, 3 velocity or 0, 4 scale or 0, 5 elements;
// f32: 6 learning rate, 7 α, 8 1 − α, 9 ε, 10 μ, 11 λ

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { gradientScale } from './scale';

// @ts-ignore: decorator
@inline
function stepLanes(
  p: usize, g: usize, s: usize, v: usize, count: i32,
  scale: v128, rate: v128, keep: v128, taken: v128, epsilon: v128, momentum: v128, decay: v128,
): void {
  const parameter = take(p, count);
  const gradient = madd(parameter, decay, f32x4.mul(take(g, count), scale));
  const square = madd(f32x4.mul(gradient, gradient), taken, f32x4.mul(take(s, count), keep));
  let step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(square), epsilon));
  if (v) {
    step = madd(momentum, take(v, count), step);
    put(v, step, count);
  }
  put(s, square, count);
  put(p, nmadd(step, rate, parameter), count);
}

export function rmspropStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = gradientScale(args, 4), rate = floats(args, 6), keep = floats(args, 7), taken = floats(args, 8);
  const epsilon = floats(args, 9), momentum = floats(args, 10), decay = floats(args, 11);
  let index = elementOf(word(args, 5), part, parts);
  const end = elementOf(word(args, 5), part + 1, parts);
  const offset = (<usize>index) << 2;
  let p = pointer(args, 0) + offset, g = pointer(args, 1) + offset, s = pointer(args, 2) + offset, v = pointer(args, 3);
  const next: usize = v ? 16 : 0;
  if (v) v += offset;
  for (; index + 4 <= end; index += 4) {
    stepLanes(p, g, s, v, 4, scale, rate, keep, taken, epsilon, momentum, decay);
    p += 16; g += 16; s += 16; v += next;
  }
  if (index < end) stepLanes(p, g, s, v, end - index, scale, rate, keep, taken, epsilon, momentum, decay);
}
