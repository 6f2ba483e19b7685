import { div, maximum, type Tensor } from '@tempograd/core';
import { lastStep, type Pooling } from './Pooling.js';
import { runningCount, runningSum } from './running.js';

/** The mean of the valid steps' outputs. */
export function meanPooling(size: number): Pooling {
  return {
    accumulators: { sum: [size], count: [1] },
    apply({ sum, count }, pooled) {
      const sums = runningSum(sum as Tensor, pooled.output);
      const counts = runningCount(count as Tensor, pooled);
      return { output: div(sums, maximum(counts, 1)), carry: { sum: lastStep(sums), count: lastStep(counts) } };
    },
  };
}
