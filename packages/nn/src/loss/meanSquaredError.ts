import { mul, scope, select, sub, sum, type Tensor } from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import { requireSameShape } from './requireSameShape.js';
import { maskLike, maskTable, type MaskOptions } from './valid.js';

/**
 * Squared error SUMMED over the elements that count: `Σ (prediction − target)²`, both of one shape, `[time, batch, features]` as
 * a rule. The mean is this over `countElements`, by `normalise`. An element left out adds exactly 0 to loss and gradient,
 * also where it is NaN.
 * @throws ShapeError when the shapes differ.
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: MaskOptions = {}): Tensor {
  checkOptions('meanSquaredError', options, maskTable);
  const { mask } = options;
  requireSameShape('meanSquaredError', prediction, target);
  return scope(() => {
    const error = sub(prediction, target);
    const counted = mask ? select(maskLike('meanSquaredError', mask, error), error, 0) : error;
    return sum(mul(counted, counted));
  });
}
