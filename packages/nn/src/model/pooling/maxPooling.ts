import { cast, less, lessEqual, linearScan, select, sliceAxis, type Tensor } from '@tempograd/core';
import { lastStep, type Pooling } from './Pooling.js';
import { lowest, runningMax } from './runningMax.js';

/**
 * The largest of the valid steps' outputs, each element on its own. The gradient goes to the earliest of equal ones, whatever
 * the cut: a running maximum is a linear recurrence that either keeps what there was or takes the step's value.
 */
export function maxPooling(size: number): Pooling {
  return {
    accumulators: { max: [size] },
    start: { max: lowest },
    apply({ max }, { output, mask }) {
      const [time] = output.shape as [number];
      const candidates = mask === null ? output : select(mask, output, lowest);
      const before = sliceAxis(runningMax(max as Tensor, candidates), 0, time);
      const stays = lessEqual(candidates, before);
      const highest = linearScan(cast(stays, output.dtype), select(stays, 0, candidates), max as Tensor);
      const carry = { max: lastStep(highest) };
      return { carry, output: mask === null ? highest : select(less(lowest / 2, highest), highest, 0) };
    },
  };
}
