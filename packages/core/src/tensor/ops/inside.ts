import { ArgumentError } from '../../backend/index.js';
import { isReadable } from '../readable.js';
import { constantOf, type Tensor } from '../Tensor.js';

/** What numbers stand for, in the words of an error. */
export interface Naming {
  /** Who was given them, `embedding`. */
  readonly op: string;
  /** What each of them is, `item`. */
  readonly what: string;
  /** What there are so many of, `items in the vocabulary`. */
  readonly of: string;
  /** What the axes are, `['step', 'row']` as a rule of ids; default is their numbers. */
  readonly axes?: readonly string[];
  /** Whether a negative number stands for none; default is false. */
  readonly negativeIsNone?: boolean;
}

/**
 * Looks whether i32 numbers are from 0 to `count − 1`, where they can be read at once; where not, it does nothing.
 * @throws ArgumentError naming the first that is not, and its place.
 */
export function requireInside(numbers: Tensor, count: number, naming: Naming): void {
  const plain = constantOf(numbers);
  if (isReadable(plain)) requireValuesInside(plain.readSync(), numbers.shape, count, naming);
}

/** As `requireInside`, of values that were read. */
export function requireValuesInside(
  values: ArrayLike<number>,
  shape: readonly number[],
  count: number,
  { op, what, of, axes, negativeIsNone = false }: Naming,
): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value < count && (value >= 0 || negativeIsNone)) continue;
    throw new ArgumentError(
      `${op}: ${what} ${value}${placeOf(index, shape, axes)} is not one of the ${count} ${of}, ${
        count === 0 ? 'of which there are none' : `0 to ${count - 1}`
      }${negativeIsNone ? '; negative ones are left out' : ''}.`,
    );
  }
}

/** ` at step 3 of row 0`, ` at [3, 0]`. */
function placeOf(index: number, shape: readonly number[], names: readonly string[] | undefined): string {
  const place: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    place.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  if (place.length === 0) return '';
  if (names?.length === place.length) return ` at ${place.map((at, axis) => `${names[axis]} ${at}`).join(', ')}`;
  return ` at [${place.join(', ')}]`;
}
