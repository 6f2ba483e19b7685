import { ArgumentError, checkOptions, formatShape, isFloat, optionTable, required } from '../backend/index.js';
import { describe } from '../backend/optionErrors.js';
import type { Key } from '../random/index.js';
import { Tensor } from '../tensor/Tensor.js';
import { treeLeaves } from '../tensor/tree.js';
import { requireCell, type Cell, type StepResult } from './Cell.js';
import { scan } from './scan.js';

/** Where a stretch lies in its sequence, and which random numbers belong to it. */
export interface StepContext {
  /** Index of the stretch's first step, counted from the sequence's first. */
  readonly from: number;
  /** Names the random numbers of this run (dropout); null when nothing is random, as in evaluation. */
  readonly key: Key | null;
}

/**
 * What a strategy trains: a recurrence and its loss. Split in two, because truncation cuts the one and not the other:
 * `forward` is what goes through time, `loss` (the readout included) is what does not.
 *
 * - `P` parameters; `C` carry; `S` a stretch of sequence: a tree of `[time, …]` tensors with inputs, targets, masks;
 *   `O` the outputs of a stretch, a tree of `[time, …]` tensors.
 */
export interface SequenceTask<P, C, S, O> {
  // A type that is worked out of a task is the stretch that its loss needs: to run forward, a part of it may do.
  /**
   * The carry a sequence starts with, of as many rows as its first stretch has. It is differentiated, so it may be made of
   * parameters; of the stretch only sizes, dtypes and the backend may be looked at.
   */
  initialCarry(params: P, stretch: NoInfer<S>): C;
  /** Runs the recurrence over a stretch of any length ≥ 1. A run over a stretch must equal runs over its parts. */
  forward(params: P, carry: C, stretch: NoInfer<S>, context: StepContext): StepResult<C, O>;
  /** The loss SUMMED over the stretch's steps, a scalar. Step t may look at outputs and stretch at t only. */
  loss(params: P, output: O, stretch: S, context: StepContext): Tensor;
  /** Default is true. If false (a layer runs backward in time), a sequence cannot be cut, and truncation is refused. */
  readonly causal?: boolean;
}

/** @throws ArgumentError for what is no task. */
export function requireTask(op: string, task: unknown): void {
  const given = task as Partial<Record<'initialCarry' | 'forward' | 'loss', unknown>> | null | undefined;
  if ([given?.initialCarry, given?.forward, given?.loss].every((member) => typeof member === 'function')) return;
  throw new ArgumentError(
    `${op}: a task is wanted, { initialCarry, forward, loss }, as cellTask() makes it, but was given ${describe(task)}.`,
  );
}

/** A loss that a task gave. @throws ArgumentError unless it is one floating-point scalar: of anything else the sum would be trained on. */
export function requireLoss(loss: Tensor): Tensor {
  if (loss instanceof Tensor && loss.rank === 0 && isFloat(loss.dtype)) return loss;
  throw new ArgumentError(
    `The loss of a task must be one floating-point scalar, summed over the steps, but is ${
      loss instanceof Tensor ? `${loss.dtype}${formatShape(loss.shape)}` : describe(loss)
    }. Reduce it with sum().`,
  );
}

/** How stretches are given to a cell, and what is lost. */
export interface CellTaskSettings<P, C, S, X, Y> {
  /** The cell's inputs `[time, batch, …]` in a stretch. */
  readonly input: (stretch: S) => X;
  /** The mask, i32 `[time, batch]`, in a stretch; default is none. */
  readonly mask?: (stretch: S) => Tensor | null;
  /** The summed loss of the outputs of a stretch, a scalar; a step's loss looks at its own step alone. */
  readonly loss: SequenceTask<P, C, S, Y>['loss'];
  /** Default is the cell's, with the batch of the inputs and the dtype and backend of the parameters. */
  readonly initialCarry?: SequenceTask<P, C, S, Y>['initialCarry'];
}

const cellTaskTable = optionTable<CellTaskSettings<unknown, unknown, unknown, unknown, unknown>>({
  input: required('function'),
  mask: 'function',
  loss: required('function'),
  initialCarry: 'function',
});

/** The task of a cell alone: `loss(params, output, stretch, context)` over stretches whose inputs are `input(stretch)`. */
export function cellTask<P, C, S, X, Y>(
  cell: Cell<P, C, X, Y>,
  settings: CellTaskSettings<P, C, S, X, Y>,
): SequenceTask<P, C, S, Y> {
  requireCell('cellTask', cell);
  checkOptions('cellTask', settings, cellTaskTable);
  const { input, mask, loss, initialCarry } = settings;
  return {
    initialCarry: (params, stretch) =>
      initialCarry === undefined ? startOf(cell, params, input(stretch)) : initialCarry(params, stretch),
    forward: (params, carry, stretch, { key, from }) =>
      scan(cell, params, carry, input(stretch), { mask: mask?.(stretch) ?? null, key, from }),
    loss,
  };
}

/** The cell's initial carry for inputs `[time, batch, …]`. */
function startOf<P, C, X, Y>(cell: Cell<P, C, X, Y>, params: P, inputs: X): C {
  const leaves = treeLeaves(inputs);
  const batch = leaves.find(({ rank }) => rank >= 2)?.shape[1];
  if (batch === undefined) {
    throw new ArgumentError(
      'cellTask: no input is [time, batch, …], which says how many rows the carry has. Give initialCarry: (params, stretch) => ….',
    );
  }
  const like = [...treeLeaves(params), ...leaves].find(({ dtype }) => isFloat(dtype));
  return cell.initialCarry(batch, like && { dtype: like.dtype, backend: like.backend });
}
