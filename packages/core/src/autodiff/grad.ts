import { ArgumentError, formatShape, isFloat } from '../backend/index.js';
import { onesLike } from '../tensor/ops/index.js';
import { requireFunction } from '../tensor/requireFunction.js';
import { scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/Tensor.js';
import { vjp } from './vjp.js';

/** A scalar function's value and gradient. */
export interface ValueAndGrad<X> {
  readonly value: Tensor;
  /** A tree like the argument. */
  readonly gradient: X;
}

/**
 * The function that computes a scalar function's value together with its gradient with respect to the first argument;
 * further arguments pass through. All results belong to the caller's scope.
 * @throws ArgumentError when the value is not one floating-point scalar.
 */
export function valueAndGrad<X, R extends readonly unknown[]>(
  fn: (x: X, ...rest: R) => Tensor,
): (x: X, ...rest: R) => ValueAndGrad<X> {
  requireFunction('valueAndGrad', fn);
  const withAux = valueAndGradWithAux((x: X, ...rest: R) => ({ value: fn(x, ...rest), aux: null }));
  return (x, ...rest) => {
    const { value, gradient } = withAux(x, ...rest);
    return { value, gradient };
  };
}

/** As `valueAndGrad`, of a function that also returns a tree `aux` of other results, such as the carry after the last step; no gradient passes through it. */
export function valueAndGradWithAux<X, A, R extends readonly unknown[]>(
  fn: (x: X, ...rest: R) => { value: Tensor; aux: A },
): (x: X, ...rest: R) => ValueAndGrad<X> & { readonly aux: A } {
  requireFunction('valueAndGradWithAux', fn);
  return (x, ...rest) =>
    scope(() => {
      const { value: result, pullback } = vjp((argument: X) => fn(argument, ...rest), x);
      try {
        const { value, aux } = result;
        if (!(value instanceof Tensor) || value.rank !== 0 || !isFloat(value.dtype)) {
          throw new ArgumentError(
            `grad: the function must return one floating-point scalar, but returned ${
              value instanceof Tensor ? `${value.dtype}${formatShape(value.shape)}` : typeof value
            }. Reduce it with sum() or mean().`,
          );
        }
        const gradient = pullback({ value: onesLike(value), aux: null as A });
        return { value, aux, gradient };
      } finally {
        pullback.dispose();
      }
    });
}

/** The gradient function of a scalar function: `grad(f)(x) = ∂f/∂x`, a tree like `x`. Nests. */
export function grad<X, R extends readonly unknown[]>(fn: (x: X, ...rest: R) => Tensor): (x: X, ...rest: R) => X {
  requireFunction('grad', fn);
  const both = valueAndGrad(fn);
  return (x, ...rest) => scope(() => both(x, ...rest).gradient);
}
