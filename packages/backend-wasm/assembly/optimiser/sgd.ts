// SGD with momentum, in place: `v ← μ v + g`, `θ ← θ − lr·(nesterov ? g + μ v : v)`, with v = g where there is no velocity.
//
// words: 0 parameter, 1 gradient, 2 velocity or 0, 3 elements, 4 1 on the first step, 5 1 for Nesterov;
// f32: 6 scale of the gradient, 7 learning rate, 8 μ, 9 λ; word 10: 1 where the velocity is to be settled

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { settle } from './settle';

@inline
function stepLanes(
  p: usize, g: usize, v: usize, count: i32, fresh: bool, nesterov: bool, scale: v128, rate: v128, momentum: v128, decay: v128,
): void {
  const parameter = take(p, count);
  const gradient = madd(parameter, decay, f32x4.mul(take(g, count), scale));
  let step = gradient;
  if (v) {
    const velocity = fresh ? gradient : madd(momentum, take(v, count), gradient);
    put(v, velocity, count);
    step = nesterov ? madd(momentum, velocity, gradient) : velocity;
  }
  put(p, nmadd(step, rate, parameter), count);
}

export function sgdStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = floats(args, 6), rate = floats(args, 7), momentum = floats(args, 8), decay = floats(args, 9);
  const fresh = word(args, 4) != 0, nesterov = word(args, 5) != 0;
  const begin = elementOf(word(args, 3), part, parts);
  let index = begin;
  const end = elementOf(word(args, 3), part + 1, parts);
  const offset = (<usize>index) << 2;
  let p = pointer(args, 0) + offset, g = pointer(args, 1) + offset, v = pointer(args, 2);
  const next: usize = v ? 16 : 0;
  if (v) v += offset;
  for (; index + 4 <= end; index += 4) {
    stepLanes(p, g, v, 4, fresh, nesterov, scale, rate, momentum, decay);
    p += 16; g += 16; v += next;
  }
  if (index < end) stepLanes(p, g, v, end - index, fresh, nesterov, scale, rate, momentum, decay);
  if (word(args, 10)) settle(pointer(args, 2), begin, end);
}
