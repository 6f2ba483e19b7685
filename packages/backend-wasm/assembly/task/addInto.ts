import { put, take } from './lanes';

/** `to[i] += from[i]`. */
export function addInto(to: usize, from: usize, count: i32): void {
  for (; count >= 4; count -= 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    to += 16;
    from += 16;
  }
  if (count > 0) put(to, f32x4.add(take(to, count), take(from, count)), count);
}
