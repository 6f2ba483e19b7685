import { ArgumentError } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { scope } from '../scope.js';
import { Tensor } from '../Tensor.js';
import { requireTensor } from './checks.js';
import { add, equal, floor, less, mul, neg, select, sub } from './elementwise.js';
import { requireFloat, type TensorLike } from './operands.js';

/** Smallest whole number ≥ x; gradient 0. */
export function ceil(x: Tensor): Tensor {
  requireFloat('ceil', x);
  return scope(() => neg(floor(neg(x))));
}

/** The nearest whole number, the even one of two that are equally near; gradient 0. */
export function round(x: Tensor): Tensor {
  requireFloat('round', x);
  return scope(() => {
    const below = floor(x);
    const rest = sub(x, below);
    const odd = sub(below, mul(floor(mul(below, 0.5)), 2));
    const atHalf = mul(equal(rest, 0.5), equal(odd, 1));
    const rounded = select(less(0.5, rest), add(below, 1), select(atHalf, add(below, 1), below));
    // An infinity has no rest.
    return select(equal(x, below), below, rounded);
  });
}

/**
 * x held between two bounds, each a number or a tensor that broadcasts; where `low > high`, high wins. The gradient passes where x is
 * inside, ends included, and goes to the bound elsewhere. NaN stays NaN.
 */
export function clamp(x: Tensor, low: TensorLike, high: TensorLike): Tensor {
  requireTensor('clamp', 'the argument', x);
  for (const [name, bound] of Object.entries({ low, high })) {
    if ((typeof bound === 'number' && !Number.isNaN(bound)) || bound instanceof Tensor) continue;
    throw new ArgumentError(
      `clamp: ${name} must be a number or a tensor, but is ${describe(bound)}; for one bound alone there are maximum() and minimum().`,
    );
  }
  return scope(() => {
    const raised = select(less(x, low), low, x);
    return select(less(high, raised), high, raised);
  });
}
