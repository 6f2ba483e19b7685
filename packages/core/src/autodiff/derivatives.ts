import {
  abs,
  add,
  cast,
  equal,
  gather,
  less,
  lessEqual,
  log,
  mul,
  pow,
  reshape,
  select,
  sub,
} from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';

/** Share of the gradient that goes to `x` where `x` and `other` compete for the larger place: 1, ½ or 0. */
export function winnerShare(x: Tensor, other: Tensor): Tensor {
  return add(cast(less(other, x), x.dtype), mul(cast(equal(x, other), x.dtype), 0.5));
}

/** The smallest numbers that no device takes for 0. */
const smallestNormal = { f32: 2 ** -126, f64: 2 ** -1022 };

/** `d aᵇ / da = b aᵇ⁻¹`, 0 where b = 0 whatever a is. */
export function powByBase(a: Tensor, b: Tensor): Tensor {
  // 0 · ∞ where a is 0 (or as good as 0) is kept out of the gradients of this as well, but not 1/a, its slope along b.
  const hole = mul(equal(b, 0), less(abs(a), a.dtype === 'f64' ? smallestNormal.f64 : smallestNormal.f32));
  return mul(b, pow(select(hole, 1, a), sub(b, 1)));
}

/** `d aᵇ / db = aᵇ ln a`, 0 where a = 0. */
export function powByExponent(a: Tensor, y: Tensor): Tensor {
  const atZero = equal(a, 0);
  return select(atZero, 0, mul(y, log(select(atZero, 1, a))));
}

/** As `gather`, with zeros for numbers outside: the transpose of `scatterAdd`, which leaves these out. */
export function gatherInside(x: Tensor, indices: Tensor): Tensor {
  const inside = mul(lessEqual(0, indices), less(indices, x.shape[0] as number));
  const rows = gather(x, select(inside, indices, 0));
  return select(reshape(inside, [...indices.shape, ...x.shape.slice(1).map(() => 1)]), rows, 0);
}
