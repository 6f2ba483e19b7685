import { ArgumentError, formatShape, ShapeError, type DType } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';

/**
 * Nested lists of numbers as one list in row-major order, with their shape.
 * @throws ArgumentError, ShapeError with the position, `[2][0]`, of what is no number or not like the rows before it.
 */
export function flatten(op: string, values: unknown, dtype: DType): { flat: number[]; shape: number[] } {
  const flat: number[] = [];
  const shape: number[] = [];
  const position: number[] = [];
  const ancestors: unknown[] = [];
  // The first row of each depth says how long they are, and the first number, or empty row, how deep.
  let rank: number | null = null;
  const walk = (value: unknown): void => {
    const depth = position.length;
    if (!isList(value)) {
      requireElement(op, value, dtype, position);
      if (depth !== (rank ??= depth)) throw raggedError(op, position, 'a number', shape);
      flat.push(value as number);
      return;
    }
    if (ancestors.includes(value)) {
      throw new ArgumentError(`${op}: the list${at(position)} contains itself; nested numbers must end somewhere.`);
    }
    const known = shape[depth];
    if (depth === rank || (known !== undefined && known !== value.length)) {
      throw raggedError(op, position, `a list of ${value.length}`, shape);
    }
    shape[depth] = value.length;
    if (value.length === 0) rank ??= depth + 1;
    ancestors.push(value);
    // An index, and not an iterator: holes must be seen.
    for (let index = 0; index < value.length; index++) {
      position.push(index);
      walk(value[index]);
      position.pop();
    }
    ancestors.pop();
  };
  walk(values);
  return { flat, shape };
}

/** @throws ArgumentError naming the first element that is no number, or is none of the dtype. */
export function requireElements(op: string, values: ArrayLike<number>, dtype: DType): void {
  if (!isList(values))
    throw new ArgumentError(`${op}: the values must be a list of numbers, but are ${describe(values)}.`);
  const areNumbers = ArrayBuffer.isView(values);
  if (areNumbers && (dtype !== 'i32' || values instanceof Int32Array)) return;
  for (let index = 0; index < values.length; index++) requireElement(op, values[index], dtype, [index]);
}

/** @throws ArgumentError unless the value is a number that the dtype can hold: i32 holds whole ones of 32 bits. */
export function requireElement(op: string, value: unknown, dtype: DType, position: readonly number[]): void {
  if (typeof value !== 'number') {
    const what = value === undefined ? 'nothing' : typeof value === 'bigint' ? `the bigint ${value}` : describe(value);
    throw new ArgumentError(`${op}: ${what} stands${at(position)} where a number is wanted.`);
  }
  if (dtype === 'i32' && value !== (value | 0)) {
    throw new ArgumentError(
      `${op}: ${value}${at(position)} is not a whole number of 32 bits, as i32 holds them; round it, or use another dtype.`,
    );
  }
}

/** Lists, and typed arrays of numbers. */
function isList(value: unknown): value is ArrayLike<unknown> {
  if (Array.isArray(value)) return true;
  if (!ArrayBuffer.isView(value)) return false;
  return !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array);
}

function raggedError(op: string, position: readonly number[], what: string, shape: readonly number[]): ShapeError {
  return new ShapeError(
    `${op}: nested values are ragged; by the first row of each depth the shape would be ${formatShape(shape)}, ` +
      `but${at(position)} there is ${what}.`,
  );
}

function at(position: readonly number[]): string {
  return position.length === 0 ? '' : ` at ${position.map((index) => `[${index}]`).join('')}`;
}
