import { ArgumentError } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import {
  abs,
  add,
  div,
  exp,
  less,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  select,
  sigmoid,
  sub,
  tanh,
} from './elementwise.js';
import { requireFloat } from './operands.js';

/** `ln(1 + eˣ)`, which overflows for no x. */
export function softplus(x: Tensor): Tensor {
  requireFloat('softplus', x);
  return scope(() => add(maximum(x, 0), log1p(exp(neg(abs(x))))));
}

/** `ln σ(x)`, accurate where the sigmoid rounds to 0. */
export function logSigmoid(x: Tensor): Tensor {
  requireFloat('logSigmoid', x);
  return scope(() => neg(softplus(neg(x))));
}

/** `x · σ(x)`, also called swish. */
export function silu(x: Tensor): Tensor {
  requireFloat('silu', x);
  return scope(() => mul(x, sigmoid(x)));
}

/** The Gaussian error linear unit by its tanh form, `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`. Source: Hendrycks and Gimpel 2016. */
export function gelu(x: Tensor): Tensor {
  requireFloat('gelu', x);
  return scope(() => {
    // Beyond, the tanh is 1 in every dtype, and x³ may overflow.
    const near = minimum(maximum(x, -10), 10);
    const cubic = add(near, mul(mul(mul(near, near), near), 0.044715));
    return mul(mul(x, 0.5), add(tanh(mul(cubic, Math.sqrt(2 / Math.PI))), 1));
  });
}

/** x where it is positive, `slope · x` elsewhere; the gradient at 0 is the slope. */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  requireFloat('leakyRelu', x);
  requireFactor('leakyRelu', 'slope', slope);
  return scope(() => select(less(0, x), x, mul(x, slope)));
}

/** x where it is positive, `alpha · (eˣ − 1)` elsewhere. Source: Clevert et al. 2016. */
export function elu(x: Tensor, alpha = 1): Tensor {
  requireFloat('elu', x);
  requireFactor('elu', 'alpha', alpha);
  return scope(() => {
    // eˣ − 1 = 2t / (1 − t) with t = tanh(x / 2): exact to the last digits near 0.
    const t = tanh(mul(minimum(x, 0), 0.5));
    return select(less(0, x), x, mul(div(mul(t, 2), sub(1, t)), alpha));
  });
}

function requireFactor(op: string, name: string, factor: unknown): void {
  if (typeof factor === 'number' && !Number.isNaN(factor)) return;
  throw new ArgumentError(`${op}: ${name} must be a number, but is ${describe(factor)}.`);
}
