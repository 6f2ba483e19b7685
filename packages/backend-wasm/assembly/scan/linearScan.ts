// `h_t = a_t ⊙ h_{t−1} + b_t` over axis 0, and its gradients. Parts take ranges of columns,
// and go through them step by step, as they lie in memory.
//
// forward words: 0 a [time, width], 1 b, 2 h0 [width], 3 h, 4 time, 5 width
// backward words: 0 a, 1 h, 2 h0, 3 dL/dh, 4 da, 5 db, 6 dh0, 7 time, 8 width; with the adjoint
// λ_t = dL/dh_t + a_{t+1} ⊙ λ_{t+1}: da_t = λ_t ⊙ h_{t−1}, db_t = λ_t, dh0 = a_0 ⊙ λ_0

import { madd } from '../math/madd';
import { put, take } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';

export function linearScanForward(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const time = word(args, 4);
  const width = word(args, 5);
  const stride = (<usize>width) << 2;
  const first = elementOf(width, part, parts);
  const columns = elementOf(width, part + 1, parts) - first;
  const offset = (<usize>first) << 2;
  let a = pointer(args, 0) + offset, b = pointer(args, 1) + offset, before = pointer(args, 2) + offset, h = pointer(args, 3) + offset;
  for (let t = 0; t < time; t++) {
    forwardStep(a, b, before, h, columns);
    before = h;
    a += stride; b += stride; h += stride;
  }
}

function forwardStep(a: usize, b: usize, before: usize, h: usize, columns: i32): void {
  for (; columns >= 4; columns -= 4) {
    forwardLanes(a, b, before, h, 4);
    a += 16; b += 16; before += 16; h += 16;
  }
  if (columns > 0) forwardLanes(a, b, before, h, columns);
}

@inline
function forwardLanes(a: usize, b: usize, before: usize, h: usize, count: i32): void {
  put(h, madd(take(a, count), take(before, count), take(b, count)), count);
}

export function linearScanBackward(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const time = word(args, 7);
  const width = word(args, 8);
  const stride = (<usize>width) << 2;
  const first = elementOf(width, part, parts);
  const columns = elementOf(width, part + 1, parts) - first;
  const offset = (<usize>first) << 2;
  // dh0 holds a_{t+1} ⊙ λ_{t+1} on the way.
  const carried = pointer(args, 6) + offset;
  memory.fill(carried, 0, (<usize>columns) << 2);
  let at = offset + (<usize>(time - 1)) * stride;
  for (let t = time - 1; t >= 0; t--, at -= stride) {
    const before = t > 0 ? pointer(args, 1) + at - stride : pointer(args, 2) + offset;
    backwardStep(pointer(args, 0) + at, before, pointer(args, 3) + at, pointer(args, 4) + at, pointer(args, 5) + at, carried, columns);
  }
}

function backwardStep(a: usize, before: usize, g: usize, da: usize, db: usize, carried: usize, columns: i32): void {
  for (; columns >= 4; columns -= 4) {
    backwardLanes(a, before, g, da, db, carried, 4);
    a += 16; before += 16; g += 16; da += 16; db += 16; carried += 16;
  }
  if (columns > 0) backwardLanes(a, before, g, da, db, carried, columns);
}

@inline
function backwardLanes(a: usize, before: usize, g: usize, da: usize, db: usize, carried: usize, count: i32): void {
  const adjoint = f32x4.add(take(g, count), take(carried, count));
  put(da, f32x4.mul(adjoint, take(before, count)), count);
  put(db, adjoint, count);
  put(carried, f32x4.mul(take(a, count), adjoint), count);
}
