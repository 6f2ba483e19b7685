import { maximum, row, scope, stack, stopGradient, type Tensor } from '@tempograd/core';

/** Below every number that is pooled, and finite, so that it may be multiplied by 0. */
export const lowest = -3e38;

/**
 * The largest of `first`, `[…rest]`, and the steps of `x`, `[time, …rest]`, BEFORE each step and after the last one:
 * `[time + 1, …rest]`. No gradient passes: where it should go follows from the numbers.
 */
export function runningMax(first: Tensor, x: Tensor): Tensor {
  return scope(() => {
    const [time] = x.shape as [number];
    const steps = stopGradient(x);
    let highest = stopGradient(first);
    const all = [highest];
    for (let t = 0; t < time; t++) {
      highest = maximum(highest, row(steps, t));
      all.push(highest);
    }
    return stack(all);
  });
}
