// Adam, AdamW and AMSGrad, in place. Sources: Kingma & Ba, ICLR 2015; Loshchilov & Hutter, ICLR 2019; Reddi, Kale & Kumar, ICLR 2018.
//
// words: 0 parameter, 1 gradient, 2 and 3 moments, 4 the largest second moment or 0, 5 elements; f32: 6 scale of the gradient,
// 7 β1, 8 1 − β1, 9 β2, 10 1 − β2, 11 learning rate / (1 − β1^step), 12 1/√(1 − β2^step), 13 ε, 14 λ added to the gradient,
// 15 lr·λ, what AdamW takes off; word 16: 1 where moments are to be settled

import { madd, nmadd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, floats, pointer, word } from '../task/part';
import { settle } from './settle';

/** `old · kept + fresh · taken` */
@inline
function moved(old: v128, kept: v128, fresh: v128, taken: v128): v128 {
  return madd(fresh, taken, f32x4.mul(old, kept));
}

/** The parameter less what weight decay and the step, `rate · first / (√second · rootScale + ε)`, take off. */
@inline
function stepped(parameter: v128, first: v128, second: v128, shrink: v128, rate: v128, rootScale: v128, epsilon: v128): v128 {
  const root = madd(f32x4.sqrt(second), rootScale, epsilon);
  return f32x4.sub(nmadd(parameter, shrink, parameter), f32x4.div(f32x4.mul(first, rate), root));
}

export function adamStep(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const scale = floats(args, 6), decay = floats(args, 14), shrink = floats(args, 15);
  const keep1 = floats(args, 7), take1 = floats(args, 8), keep2 = floats(args, 9), take2 = floats(args, 10);
  const rate = floats(args, 11), rootScale = floats(args, 12), epsilon = floats(args, 13);
  const begin = elementOf(word(args, 5), part, parts);
  let index = begin;
  const end = elementOf(word(args, 5), part + 1, parts);
  const offset = (<usize>index) << 2;
  let p = pointer(args, 0) + offset, g = pointer(args, 1) + offset, m = pointer(args, 2) + offset, v = pointer(args, 3) + offset;
  // Without a largest second moment its steps below go nowhere.
  let u = pointer(args, 4);
  const next: usize = u ? 16 : 0;
  if (u) u += offset;
  // Two vectors at a time, so that one's division goes on while the other's starts.
  for (; index + 8 <= end; index += 8) {
    const p0 = v128.load(p), p1 = v128.load(p, 16);
    const g0 = moved(v128.load(g), scale, p0, decay), g1 = moved(v128.load(g, 16), scale, p1, decay);
    const m0 = moved(v128.load(m), keep1, g0, take1), m1 = moved(v128.load(m, 16), keep1, g1, take1);
    const v0 = moved(v128.load(v), keep2, f32x4.mul(g0, g0), take2), v1 = moved(v128.load(v, 16), keep2, f32x4.mul(g1, g1), take2);
    let u0 = v0, u1 = v1;
    if (u) {
      u0 = f32x4.max(v128.load(u), v0); u1 = f32x4.max(v128.load(u, 16), v1);
      v128.store(u, u0); v128.store(u, u1, 16);
    }
    const q0 = stepped(p0, m0, u0, shrink, rate, rootScale, epsilon), q1 = stepped(p1, m1, u1, shrink, rate, rootScale, epsilon);
    v128.store(p, q0); v128.store(p, q1, 16);
    v128.store(m, m0); v128.store(m, m1, 16);
    v128.store(v, v0); v128.store(v, v1, 16);
    p += 32; g += 32; m += 32; v += 32; u += 2 * next;
  }
  for (; index < end; index += 4) {
    const count = min(end - index, 4);
    const parameter = take(p, count);
    const gradient = moved(take(g, count), scale, parameter, decay);
    const first = moved(take(m, count), keep1, gradient, take1);
    const second = moved(take(v, count), keep2, f32x4.mul(gradient, gradient), take2);
    let largest = second;
    if (u) {
      largest = f32x4.max(take(u, count), second);
      put(u, largest, count);
    }
    put(p, stepped(parameter, first, largest, shrink, rate, rootScale, epsilon), count);
    put(m, first, count);
    put(v, second, count);
    p += 16; g += 16; m += 16; v += 16; u += next;
  }
  if (word(args, 16)) {
    settle(pointer(args, 2), begin, end);
    settle(pointer(args, 3), begin, end);
  }
}
