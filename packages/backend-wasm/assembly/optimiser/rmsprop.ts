// RMSprop, in place: `s ← α s + (1−α) g²`, `u = g / (√s + ε)`, `b ← μ b + u`, `θ ← θ − lr·b`, with b = u without velocity; with a
// mean `a ← α a + (1−α) g`, √(s − a²) stands for √s, of 0 where rounding brings the difference below it.
//
// words: 0 parameter, 1 gradient, 2 square, 3 velocity or 0, 4 mean or 0, 5 elements;
// f32: 6 scale of the gradient, 7 learning rate, 8 α, 9 1 − α, 10 ε, 11 μ, 12 λ;
// word 13: 1 where averages are to be settled

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { settle } from './settle';

@inline
function stepLanes(
  p: usize, g: usize, s: usize, v: usize, a: usize, count: i32,
  scale: v128, rate: v128, keep: v128, taken: v128, epsilon: v128, momentum: v128, decay: v128,
): void {
  const parameter = take(p, count);
  const gradient = madd(parameter, decay, f32x4.mul(take(g, count), scale));
  const square = madd(f32x4.mul(gradient, gradient), taken, f32x4.mul(take(s, count), keep));
  let variance = square;
  if (a) {
    const mean = madd(gradient, taken, f32x4.mul(take(a, count), keep));
    put(a, mean, count);
    variance = f32x4.max(nmadd(mean, mean, square), f32x4.splat(0));
  }
  let step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(variance), epsilon));
  if (v) {
    step = madd(momentum, take(v, count), step);
    put(v, step, count);
  }
  put(s, square, count);
  put(p, nmadd(step, rate, parameter), count);
}

export function rmspropStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = floats(args, 6), rate = floats(args, 7), keep = floats(args, 8), taken = floats(args, 9);
  const epsilon = floats(args, 10), momentum = floats(args, 11), decay = floats(args, 12);
  const begin = elementOf(word(args, 5), part, parts);
  let index = begin;
  const end = elementOf(word(args, 5), part + 1, parts);
  const offset = (<usize>index) << 2;
  let p = pointer(args, 0) + offset, g = pointer(args, 1) + offset, s = pointer(args, 2) + offset, v = pointer(args, 3), a = pointer(args, 4);
  const nextV: usize = v ? 16 : 0, nextA: usize = a ? 16 : 0;
  if (v) v += offset;
  if (a) a += offset;
  for (; index + 4 <= end; index += 4) {
    stepLanes(p, g, s, v, a, 4, scale, rate, keep, taken, epsilon, momentum, decay);
    p += 16; g += 16; s += 16; v += nextV; a += nextA;
  }
  if (index < end) stepLanes(p, g, s, v, a, end - index, scale, rate, keep, taken, epsilon, momentum, decay);
  if (word(args, 13)) {
    settle(pointer(args, 2), begin, end);
    settle(pointer(args, 3), begin, end);
    settle(pointer(args, 4), begin, end);
  }
}
