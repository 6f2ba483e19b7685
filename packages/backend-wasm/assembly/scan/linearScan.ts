// `h_t = a_t ⊙ h_{t−1} + b_t` over axis 0, and its gradients. Parts take ranges of columns.
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
  const end = elementOf(width, part + 1, parts);
  for (let column = elementOf(width, part, parts); column < end; column += 4) {
    const count = min(end - column, 4);
    let at = (<usize>column) << 2;
    let h = take(pointer(args, 2) + at, count);
    for (let t = 0; t < time; t++, at += (<usize>width) << 2) {
      h = madd(take(pointer(args, 0) + at, count), h, take(pointer(args, 1) + at, count));
      put(pointer(args, 3) + at, h, count);
    }
  }
}

export function linearScanBackward(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const time = word(args, 7);
  const width = word(args, 8);
  const stride = (<usize>width) << 2;
  const end = elementOf(width, part + 1, parts);
  for (let column = elementOf(width, part, parts); column < end; column += 4) {
    const count = min(end - column, 4);
    const first = (<usize>column) << 2;
    let carried = f32x4.splat(0);
    for (let t = time - 1; t >= 0; t--) {
      const at = first + (<usize>t) * stride;
      const adjoint = f32x4.add(take(pointer(args, 3) + at, count), carried);
      const before = take(t > 0 ? pointer(args, 1) + at - stride : pointer(args, 2) + first, count);
      put(pointer(args, 4) + at, f32x4.mul(adjoint, before), count);
      put(pointer(args, 5) + at, adjoint, count);
      carried = f32x4.mul(take(pointer(args, 0) + at, count), adjoint);
    }
    put(pointer(args, 6) + first, carried, count);
  }
}
