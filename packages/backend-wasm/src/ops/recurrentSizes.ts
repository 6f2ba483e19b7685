import { gateCount } from '@tempograd/core/backend';
import type { RecurrentArgs } from '@tempograd/core/backend';
import type { Handle } from '../memory/Storage.js';

/** About how long a multiply-add takes, in nanoseconds. */
const cost = 0.05;

/** Lengths of a segment and its layer. */
export interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
  readonly gates: number;
}

/** Whether the input is row numbers, and `weightIh` the table that they are of. */
export function isTable({ input }: RecurrentArgs<Handle>): boolean {
  return input.dtype === 'i32';
}

/** The input size of a table is its number of rows. */
export function sizesOf(args: RecurrentArgs<Handle>): Sizes {
  const { cell, input, weightIh, weightHh } = args;
  const [time = 0, batch = 0, features = 0] = input.shape;
  const inputSize = isTable(args) ? (weightIh.shape[0] as number) : features;
  const [, hidden = 0] = weightHh.shape;
  return { time, batch, input: inputSize, hidden, gates: gateCount[cell] };
}

/** Columns of both weight matrices that each step reads: of a table, one row. */
export function columnsOf(args: RecurrentArgs<Handle>, { input, hidden }: Sizes): number {
  return (isTable(args) ? 1 : input) + hidden;
}

/** About how long the products of all steps with matrices of so many columns take, in nanoseconds. */
export function productTime({ time, batch, hidden, gates }: Sizes, columns: number): number {
  return time * batch * gates * hidden * columns * cost;
}
