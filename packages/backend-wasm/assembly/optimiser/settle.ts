import { put, take, withoutBelow } from '../task/lanes';

/** The smallest normal number. */
const leastNormal: f32 = 1.17549435e-38;

/**
 * Sets elements `from` to `to` of a running average to 0 where they are too small to be normal. Once its gradient has ended, an
 * average shrinks to such numbers and stays there, as rounding gives them back, and each step of them takes 25 times as long.
 */
export function settle(average: usize, from: i32, to: i32): void {
  if (!average) return;
  let at = average + ((<usize>from) << 2);
  for (; from + 4 <= to; from += 4, at += 16) v128.store(at, withoutBelow(leastNormal, v128.load(at)));
  if (from < to) put(at, withoutBelow(leastNormal, take(at, to - from)), to - from);
}
