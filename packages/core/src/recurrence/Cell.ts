import { ArgumentError, optionTable, type OptionTable } from '../backend/index.js';
import { describe } from '../backend/optionErrors.js';
import type { Key } from '../random/index.js';
import type { CreateOptions } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import { isPlainObject } from '../tensor/tree.js';
import type { Pattern } from '../tracing/index.js';

/** What one step of a cell leaves: the carry for the next step, and the output of this one. */
export interface StepResult<C, Y> {
  readonly carry: C;
  readonly output: Y;
}

/** How to run a cell over a segment. */
export interface ScanOptions {
  /** i32 `[time, batch]`; where it is 0 a step leaves the carry as it is and its output is 0. Default: every step counts. */
  readonly mask?: Tensor | null;
  /** Run from the last step to the first; outputs stay at their own time. Default is false. */
  readonly reverse?: boolean;
  /** Names the random numbers of the run, for cells that draw some; default is null: nothing is random. */
  readonly key?: Key | null;
  /** Index of the segment's first step, counted from the sequence's first; default is 0. A sequence cut in parts gives each its place. */
  readonly from?: number;
}

/** Which step of which run this is. */
export interface CellContext {
  /**
   * Names the random numbers of the run, the same for each of its steps: a step draws from `foldIn(key, time)`, so that it draws
   * the same when it is run again. Null when nothing is random, as in evaluation.
   */
  readonly key: Key | null;
  /** Counted from the sequence's first step. */
  readonly time: number;
}

/** Kinds of `ScanOptions`. */
export const scanTable: OptionTable = optionTable<ScanOptions>({
  mask: 'tensor or null',
  reverse: 'boolean',
  key: 'key or null',
  from: 'number',
});

/**
 * One step of a recurrent network as a pure function over ops: `carry, input → carry, output`. Anybody can write one:
 *
 * - `P`, the parameters, and `C`, the carry, are trees of tensors; carry leaves are `[batch, …]`.
 * - `X`, the input of one step, and `Y`, its output, are trees too; usually one tensor `[batch, features]` each.
 */
export interface Cell<P, C, X = Tensor, Y = Tensor> {
  /** The carry that a sequence starts with, usually zeros. */
  initialCarry(batch: number, options?: CreateOptions): C;
  /** One step: carry `[batch, …]` and input `[batch, …]` to the next carry and an output. Pure: what it draws comes of `context.key`. */
  step(params: P, carry: C, input: X, context: CellContext): StepResult<C, Y>;
  /**
   * A whole segment at once, for cells that know a faster way: inputs `[time, batch, …]`, output `[time, batch, …]`.
   * Must agree with `step` repeated, for all options: what lies at masked steps of the input must not matter, were it NaN.
   */
  segment?(params: P, carry: C, inputs: X, options: ScanOptions): StepResult<C, Y>;
  /**
   * Which elements of a row's new carry can depend on which of its old one, where the cell knows of fewer than follow from the
   * ops of `step`: for weights that are held at 0. `carry` is of one row. See `cellPattern`.
   */
  pattern?(carry: C): Pattern;
}

/** @throws ArgumentError for what has no `step`. */
export function requireCell(op: string, cell: unknown): void {
  if (typeof (cell as { readonly step?: unknown } | null | undefined)?.step === 'function') return;
  throw new ArgumentError(`${op}: a cell is wanted, { initialCarry, step }, but was given ${describe(cell)}.`);
}

/** What a step returned. @throws ArgumentError unless it has a carry and an output: a name that is spelt otherwise would be lost. */
export function requireStepResult<R extends StepResult<unknown, unknown>>(result: R): R {
  const given: unknown = result;
  if (isPlainObject(given)) {
    if ('carry' in given && 'output' in given) return result;
    throw wrongStepResult(`{ ${Object.keys(given).join(', ')} }`);
  }
  throw wrongStepResult(describe(given));
}

function wrongStepResult(given: string): ArgumentError {
  return new ArgumentError(`The step of a cell must return { carry, output }, but returned ${given}.`);
}
