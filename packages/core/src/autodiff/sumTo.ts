import { sameShape, type Shape } from '../backend/index.js';
import { reshape, sum } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';

/** Sums the axes that broadcasting stretched or added, back to `shape`: the transpose of broadcasting. Where none is longer than 1, nothing is added up. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    length !== 1 && (axis < lead || shape[axis - lead] === 1) ? [axis] : [],
  );
  return reshape(sum(x, { axes }), shape);
}
