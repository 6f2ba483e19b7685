import { sigmoid4 } from '../math/sigmoid';
import { tanh4 } from '../math/tanh';
import { put, putPair, take } from '../task/lanes';

// Activations of runs of gates, in place, of three shares: the states' in `x`, the inputs', and the bias.

/** `x ← σ(x + (input + bias))` of `count` floats. */
export function sigmoidRun(x: usize, input: usize, bias: usize, count: i32): void {
  for (; count >= 8; count -= 8, x += 32, input += 32, bias += 32) {
    putPair(x, sigmoid4(joined(x, input, bias, 4)), sigmoid4(joined(x + 16, input + 16, bias + 16, 4)));
  }
  for (; count > 0; count -= 4, x += 16, input += 16, bias += 16) {
    put(x, sigmoid4(joined(x, input, bias, min(count, 4))), min(count, 4));
  }
}

/** `x ← tanh (x + (input + bias))` of `count` floats. */
export function tanhRun(x: usize, input: usize, bias: usize, count: i32): void {
  for (; count >= 8; count -= 8, x += 32, input += 32, bias += 32) {
    putPair(x, tanh4(joined(x, input, bias, 4)), tanh4(joined(x + 16, input + 16, bias + 16, 4)));
  }
  for (; count > 0; count -= 4, x += 16, input += 16, bias += 16) {
    put(x, tanh4(joined(x, input, bias, min(count, 4))), min(count, 4));
  }
}

/** `x ← max(x + (input + bias), 0)` of `count` floats. */
export function reluRun(x: usize, input: usize, bias: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (; count >= 8; count -= 8, x += 32, input += 32, bias += 32) {
    putPair(x, f32x4.max(joined(x, input, bias, 4), zero), f32x4.max(joined(x + 16, input + 16, bias + 16, 4), zero));
  }
  for (; count > 0; count -= 4, x += 16, input += 16, bias += 16) {
    put(x, f32x4.max(joined(x, input, bias, min(count, 4)), zero), min(count, 4));
  }
}

@inline
function joined(x: usize, input: usize, bias: usize, count: i32): v128 {
  return f32x4.add(take(x, count), f32x4.add(take(input, count), take(bias, count)));
}
