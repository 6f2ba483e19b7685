import { checkOptions, optionTable } from '../../backend/index.js';
import { scope } from '../scope.js';
import { constantOf, type Tensor } from '../Tensor.js';
import { axisKinds, axisOf, axisToBack, requireSome, type AxisOptions } from './along.js';
import { requireTensor } from './checks.js';
import { equal, mul, select, sub } from './elementwise.js';
import { reshape } from './layout.js';
import { isNaN } from './logic.js';
import { arange } from './ranges.js';
import { max, opposite } from './reduce.js';

/** Along which axis, and whether it stays. */
export interface ArgOptions extends AxisOptions {
  /** Keep the axis with length 1; default is false. */
  readonly keepAxes?: boolean;
}

const argTable = optionTable<ArgOptions>({ ...axisKinds, keepAxes: 'boolean' });

/**
 * Where the maximum along an axis is, i32: the first of equal ones, and the first NaN where there is one. It has no gradient.
 * @throws ShapeError along an empty axis.
 */
export function argmax(x: Tensor, options: ArgOptions = {}): Tensor {
  return extreme('argmax', x, options, (rows) => rows);
}

/** Where the minimum along an axis is, i32: the first of equal ones, and the first NaN where there is one. It has no gradient. */
export function argmin(x: Tensor, options: ArgOptions = {}): Tensor {
  return extreme('argmin', x, options, opposite);
}

function extreme(op: string, x: Tensor, options: ArgOptions, order: (x: Tensor) => Tensor): Tensor {
  checkOptions(op, options, argTable);
  requireTensor(op, 'the argument', x);
  const axis = axisOf(op, options, x);
  requireSome(op, x, axis);
  const shape = x.shape.flatMap((length, index) => (index === axis ? (options.keepAxes ? [1] : []) : [length]));
  return scope(() => reshape(firstOfLargest(order(axisToBack(constantOf(x), axis)), null), shape));
}

/** Where the largest element of each row `[…, n]` is that is not `taken` (i32, 1 where it is), i32 `[…, 1]`: the first of equal ones; NaN is the largest. */
export function firstOfLargest(rows: Tensor, taken: Tensor | null): Tensor {
  const n = rows.shape.at(-1) as number;
  const last = { axes: rows.rank - 1, keepAxes: true };
  const left = taken === null ? rows : select(taken, lowest[rows.dtype], rows);
  // A maximum that is NaN equals nothing; one that is not has no NaN beside it.
  const isLargest = select(isNaN(left), 1, equal(left, max(left, last)));
  const candidates = taken === null ? isLargest : mul(isLargest, equal(taken, 0));
  const fromEnd = arange(n, 0, { step: -1, backend: rows.backend });
  return sub(n, max(select(candidates, fromEnd, 1), last));
}

/** Above no element. */
const lowest = { f32: -Infinity, f64: -Infinity, i32: -(2 ** 31) };
