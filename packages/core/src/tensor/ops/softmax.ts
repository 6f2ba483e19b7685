import { checkOptions, formatShape, optionTable, sameShape, broadcastShapes, ShapeError } from '../../backend/index.js';
import { alias, scope } from '../scope.js';
import { constantOf, type Tensor } from '../Tensor.js';
import { axisKinds, axisOf, type AxisOptions } from './along.js';
import { add, div, equal, exp, log, select, sub } from './elementwise.js';
import { isFinite } from './logic.js';
import { requireDType, requireFloat, normalAxes } from './operands.js';
import { max, reduceTable, sum, type ReduceOptions } from './reduce.js';
import { reshape } from './layout.js';

/** Along which axis, and which elements take part. */
export interface SoftmaxOptions extends AxisOptions {
  /** i32, broadcast to the argument: where it is 0, an element is left out and its share is 0, whatever it holds. Default is none. */
  readonly mask?: Tensor | null;
}

const softmaxTable = optionTable<SoftmaxOptions>({ ...axisKinds, mask: 'tensor or null' });
const logSoftmaxTable = optionTable<AxisOptions>(axisKinds);

/**
 * `eˣ / Σ eˣ` along an axis: positive shares that sum to 1. Overflows for no finite x; −∞ has the share 0, and a row of nothing
 * but −∞ gives NaN, as one with NaN or +∞ does. A row that `mask` leaves out whole gives zeros.
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  checkOptions('softmax', options, softmaxTable);
  requireFloat('softmax', x);
  const axis = axisOf('softmax', options, x);
  const { mask } = options;
  if (mask) requireMask(mask, x);
  if (x.size === 0) return alias(x);
  const along = { axes: axis, keepAxes: true };
  return scope(() => {
    if (!mask) {
      const powers = exp(shifted(x, [axis]).rest);
      return div(powers, sum(powers, along));
    }
    // What is left out is set to the shift itself, so that nothing it held reaches value or gradient.
    const { shift } = shifted(select(mask, x, lowest), [axis]);
    const powers = select(mask, exp(sub(select(mask, x, shift), shift)), 0);
    const total = sum(powers, along);
    return div(powers, select(equal(total, 0), 1, total));
  });
}

/** `x − ln Σ eˣ` along an axis: the logarithm of `softmax`, accurate where that rounds to 0 or 1. */
export function logSoftmax(x: Tensor, options: AxisOptions = {}): Tensor {
  checkOptions('logSoftmax', options, logSoftmaxTable);
  requireFloat('logSoftmax', x);
  const axis = axisOf('logSoftmax', options, x);
  if (x.size === 0) return alias(x);
  return scope(() => {
    const { rest } = shifted(x, [axis]);
    return sub(rest, log(sum(exp(rest), { axes: axis, keepAxes: true })));
  });
}

/** `ln Σ eˣ` over axes, all by default, without overflow; of nothing but −∞ it is −∞, with gradient 0. @throws ShapeError for nothing. */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkOptions('logSumExp', options, reduceTable);
  requireFloat('logSumExp', x);
  const axes = normalAxes('logSumExp', options.axes, x);
  return scope(() => {
    const { rest, shift } = shifted(x, axes);
    const total = sum(exp(rest), { axes, keepAxes: true });
    const nothing = equal(total, 0);
    const result = select(nothing, -Infinity, add(log(select(nothing, 1, total)), shift));
    return options.keepAxes
      ? result
      : reshape(
          result,
          x.shape.filter((_, axis) => !axes.includes(axis)),
        );
  });
}

/** The lowest f32, below which no device needs an infinity. */
const lowest = -(2 - 2 ** -23) * 2 ** 127;

/** `x` less its maximum over axes, and that maximum; 0 in its stead where it is not finite. No gradient passes the maximum: it cancels. */
function shifted(x: Tensor, axes: readonly number[]): { rest: Tensor; shift: Tensor } {
  const top = max(alias(constantOf(x)), { axes, keepAxes: true });
  const shift = select(isFinite(top), top, 0);
  return { rest: sub(x, shift), shift };
}

function requireMask(mask: Tensor, x: Tensor): void {
  requireDType('softmax', 'the mask', mask, 'i32');
  if (sameShape(broadcastShapes(mask.shape, x.shape, 'softmax'), x.shape)) return;
  throw new ShapeError(`softmax: the mask ${formatShape(mask.shape)} does not broadcast to ${formatShape(x.shape)}.`);
}
