import { broadcastTo, cast, equal, linearScan, ones, onesLike, type FloatDType, type Tensor } from '@tempograd/core';
import type { Pooled } from './Pooling.js';

/** Running sums over time: `[…rest]` and then `[time, …rest]` → `[time, …rest]`. */
export function runningSum(before: Tensor, x: Tensor): Tensor {
  return linearScan(onesLike(x), x, before);
}

/** How many valid steps there were: `[batch, 1]` before, and then up to each step, `[time, batch, 1]`. */
export function runningCount(before: Tensor, { output, mask }: Pooled): Tensor {
  const dtype = output.dtype as FloatDType;
  const [time, batch] = output.shape as [number, number];
  if (mask === null) return runningSum(before, ones([time, batch, 1], { dtype, backend: output.backend }));
  return runningSum(before, cast(equal(equal(mask, 0), 0), dtype));
}

/** The latest valid step's values, `[batch, size]` where there is none yet; `x` is 0 at masked steps. */
export function latest(before: Tensor, x: Tensor, mask: Tensor | null): Tensor {
  if (mask === null) return broadcastTo(x, x.shape);
  return linearScan(broadcastTo(cast(equal(mask, 0), x.dtype), x.shape), x, before);
}
