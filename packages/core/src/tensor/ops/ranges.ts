import { ArgumentError, checkOptions, optionTable, OutOfMemoryError } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import type { Tensor } from '../Tensor.js';
import { createKinds, fromArray, type CreateOptions } from './create.js';

/** By which steps, and where and as what to make the numbers. */
export interface RangeOptions extends CreateOptions {
  /** From one number to the next, negative to count down; default is 1. */
  readonly step?: number;
  /** Default is i32: they count. Give `'f32'` for steps that are not whole. */
  readonly dtype?: NonNullable<CreateOptions['dtype']>;
}

const rangeTable = optionTable<RangeOptions>({ ...createKinds, step: 'number' });
const createTable = optionTable<CreateOptions>(createKinds);

/** The numbers `start, start + step, …` before `stop`, as a vector: `arange(0, 3)` is 0, 1, 2. */
export function arange(start: number, stop: number, options: RangeOptions = {}): Tensor {
  checkOptions('arange', options, rangeTable);
  const { step = 1, dtype = 'i32', ...rest } = options;
  requireFinite('arange', 'start', start);
  if (stop === undefined) throw new ArgumentError(`arange: stop is missing; write arange(0, ${start}).`);
  requireFinite('arange', 'stop', stop);
  if (!Number.isFinite(step) || step === 0) {
    throw new ArgumentError(`arange: step must be a number other than 0, but is ${step}.`);
  }
  const count = Math.max(0, Math.ceil((stop - start) / step));
  const values = numbers('arange', count, (index) => start + index * step);
  return fromArray(values, [count], { ...rest, dtype });
}

/** `count` numbers at equal distances from `start` to `stop`, both included; a lone one is `start`. */
export function linspace(start: number, stop: number, count: number, options: CreateOptions = {}): Tensor {
  checkOptions('linspace', options, createTable);
  requireFinite('linspace', 'start', start);
  requireFinite('linspace', 'stop', stop);
  requireCount('linspace', 'count', count);
  const last = Math.max(1, count - 1);
  const at = (index: number): number => (index === last ? stop : start + (index / last) * (stop - start));
  return fromArray(numbers('linspace', count, at), [count], options);
}

/** The identity matrix `[rows, rows]`, or its first columns, or more with zeros, `[rows, columns]`. */
export function eye(rows: number, columns: number = rows, options: CreateOptions = {}): Tensor {
  checkOptions('eye', options, createTable);
  requireCount('eye', 'rows', rows);
  requireCount('eye', 'columns', columns);
  const values = numbers('eye', rows * columns, (index) =>
    Number(index % (columns + 1) === 0 && index < columns * columns),
  );
  return fromArray(values, [rows, columns], options);
}

/** @throws OutOfMemoryError where there are more than this machine can hold. */
function numbers(op: string, count: number, at: (index: number) => number): Float64Array {
  try {
    const values = new Float64Array(count);
    for (let index = 0; index < count; index++) values[index] = at(index);
    return values;
  } catch (cause) {
    throw new OutOfMemoryError(`${op}: ${count} numbers are more than this machine can hold.`, { cause });
  }
}

function requireFinite(op: string, name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw new ArgumentError(`${op}: ${name} must be a finite number, but is ${describe(value)}.`);
}

function requireCount(op: string, name: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return;
  throw new ArgumentError(`${op}: ${name} must be a whole number ≥ 0, but is ${describe(value)}.`);
}
