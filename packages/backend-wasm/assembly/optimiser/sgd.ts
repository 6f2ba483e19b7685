// SGD with momentum, in place: `v ← μ v + g`, `θ ← θ − lr·(nesterov ? g + μ v : v)`, with v = g where there is no velocity.
//
// words: 0 parameter, 1 gradient, 2 velocity or 0, 3 scale or 0, 4 elements, 5 1 on the first step, 6 1 for Nesterov;
// f32: 7 learning rate, 8 μ, 9 λ

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { gradientScale } from './scale';

export function sgdStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = gradientScale(args, 3);
  const velocities = pointer(args, 2);
  const fresh = word(args, 5) != 0;
  const nesterov = word(args, 6) != 0;
  const momentum = floats(args, 8);
  const end = elementOf(word(args, 4), part + 1, parts);
  for (let index = elementOf(word(args, 4), part, parts); index < end; index += 4) {
    const at = (<usize>index) << 2;
    const count = min(end - index, 4);
    const p = pointer(args, 0) + at;
    const parameter = take(p, count);
    let gradient = take(pointer(args, 1) + at, count);
    gradient = madd(parameter, floats(args, 9), f32x4.mul(gradient, scale));
    let step = gradient;
    if (velocities) {
      const v = velocities + at;
      const velocity = fresh ? gradient : madd(momentum, take(v, count), gradient);
      put(v, velocity, count);
      step = nesterov ? madd(momentum, velocity, gradient) : velocity;
    }
    const updated = nmadd(step, floats(args, 7), parameter);
    put(p, updated, count);
  }
}
