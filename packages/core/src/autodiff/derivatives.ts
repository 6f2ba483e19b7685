import { add, cast, equal, less, log, mul, pow, select, sub } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';

/** Share of the gradient that goes to `x` where `x` and `other` compete for the larger place: 1, ½ or 0. */
export function winnerShare(x: Tensor, other: Tensor): Tensor {
  return add(cast(less(other, x), x.dtype), mul(cast(equal(x, other), x.dtype), 0.5));
}

/** `d aᵇ / da = b aᵇ⁻¹`, 0 where b = 0 whatever a is. */
export function powByBase(a: Tensor, b: Tensor): Tensor {
  return select(equal(b, 0), 0, mul(b, pow(a, sub(b, 1))));
}

/** `d aᵇ / db = aᵇ ln a`, 0 where a = 0. */
export function powByExponent(a: Tensor, y: Tensor): Tensor {
  const atZero = equal(a, 0);
  return select(atZero, 0, mul(y, log(select(atZero, 1, a))));
}
