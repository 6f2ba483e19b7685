import { ArgumentError, checkOptions, optionTable, type TypedArray } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { alias, scope } from '../scope.js';
import { isReadable } from '../readable.js';
import { constantOf, type Tensor } from '../Tensor.js';
import { axisFromBack, axisKinds, axisOf, axisToBack, type AxisOptions } from './along.js';
import { firstOfLargest } from './argmax.js';
import { requireTensor } from './checks.js';
import { fromArray, full } from './create.js';
import { add, equal, less, maximum, select } from './elementwise.js';
import { broadcastTo, concat, reshape, sliceAxis } from './layout.js';
import { isNaN } from './logic.js';
import { arange } from './ranges.js';
import { opposite, sum } from './reduce.js';
import { scatterAdd } from './rows.js';
import { takeAlong } from './takeAlong.js';

/** Along which axis, and in which order. */
export interface SortOptions extends AxisOptions {
  /** Default is false. If true, the largest first. Equal elements stay in their order either way. */
  readonly descending?: boolean;
}

const sortTable = optionTable<SortOptions>({ ...axisKinds, descending: 'boolean' });

/**
 * Elements in order along an axis; NaN counts as the largest. The gradient of each goes to where it came from.
 *
 * Where values can be read at once the host sorts; elsewhere they stay on the device, which compares each element with every other
 * of its row: n² work, in pieces of a few megabytes.
 */
export function sort(x: Tensor, options: SortOptions = {}): Tensor {
  const axis = checkSort('sort', x, options);
  return scope(() => takeAlong(x, orderAlong(x, axis, options.descending ?? false), axis));
}

/** The positions, i32, that `sort` would take the elements from along an axis; equal elements stay in their order. It has no gradient. */
export function argsort(x: Tensor, options: SortOptions = {}): Tensor {
  const axis = checkSort('argsort', x, options);
  return scope(() => alias(orderAlong(x, axis, options.descending ?? false)));
}

/** Along which axis, and from which end. */
export interface TopKOptions extends AxisOptions {
  /** Default is false. If true, the smallest. */
  readonly smallest?: boolean;
}

const topKTable = optionTable<TopKOptions>({ ...axisKinds, smallest: 'boolean' });

/**
 * The k largest elements along an axis, the largest first, and where they stood, i32; of equal ones the first come first. NaN counts
 * as the largest. The gradient of each value goes to where it came from; positions have none.
 * @throws ArgumentError unless k is a whole number from 0 to the length of the axis.
 */
export function topK(x: Tensor, k: number, options: TopKOptions = {}): { values: Tensor; indices: Tensor } {
  checkOptions('topK', options, topKTable);
  requireTensor('topK', 'the argument', x);
  const axis = axisOf('topK', options, x);
  const { smallest = false } = options;
  const length = x.shape[axis] as number;
  if (!Number.isSafeInteger(k) || k < 0 || k > length) {
    throw new ArgumentError(
      `topK: k must be a whole number from 0 to ${length}, the length of axis ${axis}, but is ${describe(k)}.`,
    );
  }
  return scope(() => {
    const indices =
      k <= fewRounds && !isReadable(constantOf(x))
        ? byRounds(x, k, axis, smallest)
        : sliceAxis(orderAlong(x, axis, !smallest), 0, k, axis);
    return { values: takeAlong(x, indices, axis), indices: alias(indices) };
  });
}

/** Up to here, looking for the next largest again and again is less work than sorting. */
const fewRounds = 64;

function byRounds(x: Tensor, k: number, axis: number, smallest: boolean): Tensor {
  const rows = axisToBack(constantOf(x), axis);
  const ordered = smallest ? opposite(rows) : rows;
  const numbers = arange(0, x.shape[axis] as number, { backend: x.backend });
  const found: Tensor[] = [];
  let taken: Tensor | null = null;
  for (let round = 0; round < k; round++) {
    const next = firstOfLargest(ordered, taken);
    const isNext = equal(numbers, next);
    taken = taken === null ? isNext : maximum(taken, isNext);
    found.push(next);
  }
  const none = full([...rows.shape.slice(0, -1), 0], 0, { dtype: 'i32', backend: x.backend });
  return axisFromBack(found.length === 0 ? none : concat(found, -1), axis);
}

function checkSort(op: string, x: Tensor, options: SortOptions): number {
  checkOptions(op, options, sortTable);
  requireTensor(op, 'the argument', x);
  return axisOf(op, options, x);
}

/** The positions of elements in order along an axis, i32. */
function orderAlong(x: Tensor, axis: number, descending: boolean): Tensor {
  const rows = axisToBack(constantOf(x), axis);
  const n = x.shape[axis] as number;
  if (!isReadable(rows)) return axisFromBack(orderOnDevice(rows, n, descending), axis);
  const order = orderOnHost(rows.readSync(), n, descending);
  return axisFromBack(fromArray(order, rows.shape, { dtype: 'i32', backend: x.backend }), axis);
}

function orderOnHost(values: TypedArray, n: number, descending: boolean): Int32Array {
  const order = new Int32Array(values.length);
  const sign = descending ? -1 : 1;
  const rank = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b));
  for (let from = 0; from < values.length; from += n) {
    const row = order.subarray(from, from + n);
    for (let index = 0; index < n; index++) row[index] = index;
    row.sort((i, j) => sign * rank(values[from + i] as number, values[from + j] as number) || i - j);
  }
  return order;
}

/** Comparisons at once: a piece of this many elements fits every device. */
const pieceSize = 2 ** 20;

/** Each element's place is how many come before it; where each came from is the inverse of that. Rows are `[…, n]`. */
function orderOnDevice(given: Tensor, n: number, descending: boolean): Tensor {
  const { backend } = given;
  if (given.size === 0) return full(given.shape, 0, { dtype: 'i32', backend });
  const count = given.size / n;
  const rows = reshape(given, [count, n]);
  const numbers = arange(0, n, { backend });
  const others = reshape(rows, [count, 1, n]);
  const step = Math.max(1, Math.floor(pieceSize / given.size));
  const places: Tensor[] = [];
  for (let from = 0; from < n; from += step) {
    const to = Math.min(n, from + step);
    const own = reshape(sliceAxis(rows, from, to, 1), [count, to - from, 1]);
    const before = descending ? comesBefore(own, others) : comesBefore(others, own);
    const after = descending ? comesBefore(others, own) : comesBefore(own, others);
    // Of equal ones the earlier comes first.
    const isEarlier = less(numbers, reshape(sliceAxis(numbers, from, to), [to - from, 1]));
    places.push(sum(select(isEarlier, equal(after, 0), before), { axes: 2 }));
  }
  const place = concat(places, 1);
  const rowStart = reshape(arange(0, count * n, { step: n, backend }), [count, 1]);
  const flat = reshape(add(place, rowStart), [count * n]);
  const from = reshape(broadcastTo(numbers, [count, n]), [count * n]);
  return reshape(scatterAdd(flat, from, count * n), given.shape);
}

/** i32: 1 where `a < b`; NaN is above all else. */
function comesBefore(a: Tensor, b: Tensor): Tensor {
  return a.dtype === 'i32' ? less(a, b) : maximum(less(a, b), less(isNaN(a), isNaN(b)));
}
