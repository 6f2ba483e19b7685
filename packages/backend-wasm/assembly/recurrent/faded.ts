import { withoutBelow } from '../task/lanes';

/**
 * A gradient that goes back through time, its lanes below 2⁻¹⁰⁰ made 0; NaN stays NaN. Where it fades it would else come to numbers too
 * small to be normal, and each step of them takes some 20 times as long: a loss at the end of 1,000 steps cost more than one at each.
 */
@inline
export function withoutFaded(x: v128): v128 {
  return withoutBelow(7.888609052210118e-31, x);
}
