import { ArgumentError } from '../../backend/index.js';
import { isReadable } from '../readable.js';
import { constantOf, type Tensor } from '../Tensor.js';

/** What numbers stand for, in the words of an error. */
export interface InsideNaming {
  /** Who was given them, `embedding`. */
  readonly op: string;
  /** What each of them is, `item`. */
  readonly what: string;
  /** What there are so many of, `items in the vocabulary`. */
  readonly of: string;
  /** What the places along each axis are called, `['step', 'row']`; default is their numbers alone. */
  readonly axes?: readonly string[];
  /** What stands before the first step: added to the place along the first axis. Default is 0. */
  readonly from?: number;
  /** Whether a negative number stands for none; default is false. */
  readonly negativeIsNone?: boolean;
  /** A number that stands for none, wherever it is. */
  readonly except?: number;
}

/** What shares stand for, in the words of an error. */
export type SharesNaming = Pick<InsideNaming, 'op' | 'what' | 'axes' | 'from'>;

/**
 * Looks whether i32 numbers are from 0 to `count − 1`, where they can be read at once; elsewhere it does nothing. Where an i32 mask
 * of their leading axes is 0, anything may stand.
 * @throws ArgumentError naming the first that is not, and its place.
 */
export function requireInside(numbers: Tensor, count: number, naming: InsideNaming, mask: Tensor | null = null): void {
  const [plain, counted] = [constantOf(numbers), mask && constantOf(mask)];
  if (!isReadable(plain) || (counted !== null && !isReadable(counted))) return;
  const fault = faultInside(plain.readSync(), numbers.shape, count, naming, counted?.readSync() ?? null);
  if (fault !== null) throw new ArgumentError(fault);
}

/**
 * Looks whether numbers are from 0 to 1, both included, where they can be read at once; elsewhere it does nothing. Where an i32 mask
 * of their leading axes is 0, anything may stand.
 * @throws ArgumentError naming the first that is not, and its place.
 */
export function requireShares(numbers: Tensor, naming: SharesNaming, mask: Tensor | null = null): void {
  const [plain, counted] = [constantOf(numbers), mask && constantOf(mask)];
  if (!isReadable(plain) || (counted !== null && !isReadable(counted))) return;
  const fault = faultOfShares(plain.readSync(), numbers.shape, naming, counted?.readSync() ?? null);
  if (fault !== null) throw new ArgumentError(fault);
}

/** As `requireShares`, of values that were read: what is wrong with the first that is no share, or null where all are. */
export function faultOfShares(
  values: ArrayLike<number>,
  shape: readonly number[],
  naming: SharesNaming,
  counted: ArrayLike<number> | null = null,
): string | null {
  const perMask = counted === null || counted.length === 0 ? 1 : values.length / counted.length;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if ((value >= 0 && value <= 1) || counted?.[Math.floor(index / perMask)] === 0) continue;
    return `${naming.op}: ${naming.what} ${value}${placeOf(index, shape, naming)} is no number from 0 to 1; say 0 for no and 1 for yes.`;
  }
  return null;
}

/** As `requireInside`, of values that were read: what is wrong with the first that is not inside, or null where all are. */
export function faultInside(
  values: ArrayLike<number>,
  shape: readonly number[],
  count: number,
  naming: InsideNaming,
  counted: ArrayLike<number> | null = null,
): string | null {
  const { op, what, of, negativeIsNone = false, except } = naming;
  const perMask = counted === null || counted.length === 0 ? 1 : values.length / counted.length;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if ((value < count && (value >= 0 || negativeIsNone)) || value === except) continue;
    if (counted?.[Math.floor(index / perMask)] === 0) continue;
    const range = count === 0 ? 'there is none' : `they are 0 to ${count - 1}`;
    return (
      `${op}: ${what} ${value}${placeOf(index, shape, naming)} is not one of the ${count} ${of}; ${range}` +
      `${negativeIsNone ? ', and a negative one is left out' : ''}.`
    );
  }
  return null;
}

/** ` at step 3, row 0`, ` at [3, 0]`. */
function placeOf(
  index: number,
  shape: readonly number[],
  { axes, from = 0 }: Pick<InsideNaming, 'axes' | 'from'>,
): string {
  const place: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  const [first, ...others] = place;
  if (first === undefined) return '';
  const all = [first + from, ...others];
  if (axes?.length !== all.length) return ` at [${all.join(', ')}]`;
  return ` at ${all.map((at, axis) => `${axes[axis]} ${at}`).join(', ')}`;
}
