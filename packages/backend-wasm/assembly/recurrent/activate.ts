import { sigmoid4 } from '../math/sigmoid';
import { tanh4 } from '../math/tanh';
import { put, putPair, take } from '../task/lanes';

// Activations of runs of gates, in place.

/** `x ← σ(x)` of `count` floats. */
export function sigmoidRun(x: usize, count: i32): void {
  for (; count >= 8; count -= 8, x += 32) putPair(x, sigmoid4(v128.load(x)), sigmoid4(v128.load(x, 16)));
  for (; count > 0; count -= 4, x += 16) put(x, sigmoid4(take(x, min(count, 4))), min(count, 4));
}

/** `x ← tanh x` of `count` floats. */
export function tanhRun(x: usize, count: i32): void {
  for (; count >= 8; count -= 8, x += 32) putPair(x, tanh4(v128.load(x)), tanh4(v128.load(x, 16)));
  for (; count > 0; count -= 4, x += 16) put(x, tanh4(take(x, min(count, 4))), min(count, 4));
}

/** `x ← max(x, 0)` of `count` floats. */
export function reluRun(x: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (; count >= 8; count -= 8, x += 32) putPair(x, f32x4.max(v128.load(x), zero), f32x4.max(v128.load(x, 16), zero));
  for (; count > 0; count -= 4, x += 16) put(x, f32x4.max(take(x, min(count, 4)), zero), min(count, 4));
}
