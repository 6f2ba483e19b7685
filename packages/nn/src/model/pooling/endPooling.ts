import { concat, equal, ones, select, sliceAxis, type Tensor } from '@tempograd/core';
import { lastStep, type Pooling } from './Pooling.js';
import { latest, runningCount, runningSum } from './running.js';

/** The output of the last valid step. */
export function lastPooling(size: number): Pooling {
  return {
    accumulators: { last: [size] },
    apply({ last }, { output, mask }) {
      const pooled = latest(last as Tensor, output, mask);
      return { output: pooled, carry: { last: lastStep(pooled) } };
    },
  };
}

/**
 * What each direction ends with: in the first half of the outputs, forward in time, that of the last valid step; in the second
 * half, backward in time, that of the first.
 */
export function endsPooling(size: number): Pooling {
  const half = size / 2;
  return {
    accumulators: { last: [half], first: [half], count: [1] },
    apply({ last, first, count }, { output, mask }) {
      const forward = latest(last as Tensor, sliceAxis(output, 0, half, 2), mask);
      const counts = runningCount(count as Tensor, { output, mask });
      const valid = mask ?? ones(counts.shape, { dtype: 'i32', backend: output.backend });
      // The first valid step is the one that makes the count 1.
      const isFirst = select(equal(counts, 1), valid, 0);
      const backward = runningSum(first as Tensor, select(isFirst, sliceAxis(output, half, size, 2), 0));
      return {
        output: concat([forward, backward], 2),
        carry: { last: lastStep(forward), first: lastStep(backward), count: lastStep(counts) },
      };
    },
  };
}
