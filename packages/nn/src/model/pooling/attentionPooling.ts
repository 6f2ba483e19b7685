import {
  broadcastTo,
  div,
  equal,
  exp,
  linear,
  linearScan,
  mul,
  reshape,
  select,
  ShapeError,
  sliceAxis,
  sub,
  type Tensor,
} from '@tempograd/core';
import { lastStep, type Pooling } from './Pooling.js';
import { lowest, runningMax } from './runningMax.js';

/**
 * The mean of the valid steps' outputs, weighed by `softmax(query · output)` over the valid steps so far.
 *
 * With the running maximum m of the scores s: `W_t = e^(m_{t−1} − m_t) W_{t−1} + e^(s_t − m_t)` and the sum of outputs likewise, of
 * which the quotient is the mean. m cancels out of it, so that it takes no gradient. Source: Milakov & Gimelshein 2018, "Online
 * normalizer calculation for softmax"; the query: Luong, Pham & Manning 2015's dot score with a learned query.
 */
export function attentionPooling(size: number): Pooling {
  return {
    accumulators: { score: [1], weight: [1], sum: [size] },
    start: { score: lowest },
    apply({ score, weight, sum }, { output, mask }, params) {
      if (params === undefined)
        throw new ShapeError('sequenceModel: the parameters have no "pooling"; make them with init().');
      const [time] = output.shape as [number];
      const scores = linear(output, reshape(params.query, [1, size]));
      const highest = runningMax(score as Tensor, mask === null ? scores : select(mask, scores, lowest));
      const [before, now] = [sliceAxis(highest, 0, time), sliceAxis(highest, 1, time + 1)];
      // Where a step is masked, the exponent is 0 on both sides of the choice: it may not overflow where it is not taken either.
      const exponents = sub(scores, now);
      const weights = mask === null ? exp(exponents) : select(mask, exp(select(mask, exponents, 0)), 0);
      const kept = exp(sub(before, now));
      const total = linearScan(kept, weights, weight as Tensor);
      const sums = linearScan(broadcastTo(kept, output.shape), mul(weights, output), sum as Tensor);
      return {
        output: div(sums, select(equal(total, 0), 1, total)),
        carry: { score: lastStep(highest), weight: lastStep(total), sum: lastStep(sums) },
      };
    },
  };
}
