import { checkOptions, optionTable, required } from '../../backend/index.js';
import { alias, scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { axisOf } from './along.js';
import { add, maximum, minimum, mul } from './elementwise.js';
import { concat, flip, sliceAxis } from './layout.js';
import { requireTensor } from './checks.js';

/** Along which axis, and from which end. */
export interface CumulativeOptions {
  /** Negative ones count from the back. */
  readonly axis: number;
  /** Default is false. If true, from the last element to the first. */
  readonly reverse?: boolean;
}

const cumulativeTable = optionTable<CumulativeOptions>({ axis: required('number'), reverse: 'boolean' });

/** Sums along an axis of each element and all before it: `y_t = x_0 + … + x_t`. */
export function cumsum(x: Tensor, options: CumulativeOptions): Tensor {
  return cumulative('cumsum', add, x, options);
}

/** Products along an axis of each element and all before it. */
export function cumprod(x: Tensor, options: CumulativeOptions): Tensor {
  return cumulative('cumprod', mul, x, options);
}

/** The largest of each element and all before it along an axis; equal ones share the gradient. */
export function cummax(x: Tensor, options: CumulativeOptions): Tensor {
  return cumulative('cummax', maximum, x, options);
}

/** The smallest of each element and all before it along an axis; equal ones share the gradient. */
export function cummin(x: Tensor, options: CumulativeOptions): Tensor {
  return cumulative('cummin', minimum, x, options);
}

/** Each element with all before it, by about log₂ of the length steps over the whole. Source: Hillis and Steele 1986. */
function cumulative(
  op: string,
  combine: (a: Tensor, b: Tensor) => Tensor,
  x: Tensor,
  options: CumulativeOptions,
): Tensor {
  checkOptions(op, options, cumulativeTable);
  requireTensor(op, 'the argument', x);
  const axis = axisOf(op, options, x);
  const length = x.shape[axis] as number;
  return scope(() => {
    let result = options.reverse ? flip(x, axis) : alias(x);
    for (let step = 1; step < length; step *= 2) {
      const later = sliceAxis(result, step, length, axis);
      const earlier = sliceAxis(result, 0, length - step, axis);
      result = concat([sliceAxis(result, 0, step, axis), combine(earlier, later)], axis);
    }
    return options.reverse ? flip(result, axis) : result;
  });
}
