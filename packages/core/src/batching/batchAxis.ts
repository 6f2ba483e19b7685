import { broadcastTo, reshape } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';

/** A batched tensor whose rows have `rank` axes: missing ones, of length 1, go between the batch axis and the rest. */
export function alignRank(x: Tensor, rank: number): Tensor {
  const [size, ...shape] = x.shape as [number, ...number[]];
  return shape.length >= rank ? x : reshape(x, [size, ...new Array<number>(rank - shape.length).fill(1), ...shape]);
}

/** An unbatched tensor as a batch of `size` equal rows. */
export function stretched(x: Tensor, size: number): Tensor {
  return broadcastTo(x, [size, ...x.shape]);
}
