import {
  ArgumentError,
  checkOptions,
  formatShape,
  optionTable,
  ShapeError,
  sizeOf,
  type OptionKinds,
} from '../../backend/index.js';
import { alias, scope } from '../scope.js';
import { constantOf, type Tensor } from '../Tensor.js';
import { abs, div, equal, mul, select, sqrt, sub } from './elementwise.js';
import { isFinite } from './logic.js';
import { normalAxes, requireFloat } from './operands.js';
import { max, mean, reduceKinds, sum, type ReduceOptions } from './reduce.js';
import { reshape } from './layout.js';

/** Over which axes, and what the sum of squares is divided by. */
export interface VarianceOptions extends ReduceOptions {
  /** The sum of squares is divided by the number of elements less this; default is 1, as in PyTorch, which makes an estimate unbiased. */
  readonly correction?: number;
}

const varianceKinds: OptionKinds<VarianceOptions> = { ...reduceKinds, correction: 'number' };
const varianceTable = optionTable<VarianceOptions>(varianceKinds);

/** `Σ (x − mean)² / (n − correction)` over axes. @throws ShapeError where n is not above the correction. */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  return spread('variance', x, options);
}

/** The square root of the variance; gradient 0 where it is 0. @throws ShapeError where n is not above the correction. */
export function std(x: Tensor, options: VarianceOptions = {}): Tensor {
  return scope(() => rootOf(spread('std', x, options)));
}

/** Over which axes, and which norm. */
export interface NormOptions extends ReduceOptions {
  /** 1: `Σ |x|`; 2: `√(Σ x²)`; Infinity: `max |x|`. Default is 2. */
  readonly order?: number;
}

const normTable = optionTable<NormOptions>({ ...reduceKinds, order: 'number' });

/** The length of vectors over axes, all by default. The squares overflow for no x; the gradient of the length 0 is 0. */
export function norm(x: Tensor, options: NormOptions = {}): Tensor {
  checkOptions('norm', options, normTable);
  requireFloat('norm', x);
  const { order = 2, keepAxes = false } = options;
  const axes = normalAxes('norm', options.axes, x);
  if (order === 1) return scope(() => sum(abs(x), { axes, keepAxes }));
  if (order === Infinity) return scope(() => max(abs(x), { axes, keepAxes }));
  if (order !== 2) throw new ArgumentError(`norm: order must be 1, 2 or Infinity, but is ${order}.`);
  return scope(() => {
    if (axes.some((axis) => x.shape[axis] === 0)) return sum(x, { axes, keepAxes });
    // The largest element is a factor that cancels: no gradient passes it.
    const largest = max(abs(alias(constantOf(x))), { axes, keepAxes: true });
    const scale = select(mul(isFinite(largest), equal(equal(largest, 0), 0)), largest, 1);
    const part = div(x, scale);
    const length = mul(rootOf(sum(mul(part, part), { axes, keepAxes: true })), scale);
    return keepAxes
      ? length
      : reshape(
          length,
          x.shape.filter((_, axis) => !axes.includes(axis)),
        );
  });
}

/** Square root with gradient 0 at 0. */
function rootOf(x: Tensor): Tensor {
  const atZero = equal(x, 0);
  return select(atZero, 0, sqrt(select(atZero, 1, x)));
}

function spread(op: string, x: Tensor, options: VarianceOptions): Tensor {
  checkOptions(op, options, varianceTable);
  requireFloat(op, x);
  const { correction = 1, keepAxes = false } = options;
  const axes = normalAxes(op, options.axes, x);
  const count = sizeOf(axes.map((axis) => x.shape[axis] as number));
  if (!(count > correction)) {
    throw new ShapeError(
      `${op}: ${count} elements of ${formatShape(x.shape)} less a correction of ${correction} leave nothing to divide by. ` +
        'Give correction: 0 for the spread of the values themselves.',
    );
  }
  return scope(() => {
    const off = sub(x, mean(x, { axes, keepAxes: true }));
    return div(sum(mul(off, off), { axes, keepAxes }), count - correction);
  });
}
