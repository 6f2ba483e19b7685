import { checkOptions, optionTable, required } from '../backend/index.js';
import type { Key } from '../random/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import type { Cell, StepResult } from './Cell.js';
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
  /** The carry a sequence starts with. It is differentiated, so it may be made of parameters. */
  initialCarry(params: P): C;
  /** Runs the recurrence over a stretch of any length ≥ 1. A run over a stretch must equal runs over its parts. */
  forward(params: P, carry: C, stretch: S, context: StepContext): StepResult<C, O>;
  /** The loss SUMMED over the stretch's steps, a scalar. Step t may look at outputs and stretch at t only. */
  loss(params: P, output: O, stretch: S, context: StepContext): Tensor;
  /** Default is true. If false (a layer runs backward in time), a sequence cannot be cut, and truncation is refused. */
  readonly causal?: boolean;
}

const cellTaskTable = optionTable<Parameters<typeof cellTask>[1]>({
  batch: required('number'),
  input: required('function'),
  mask: 'function',
  loss: required('function'),
  initialCarry: 'function',
});

/** The task of a cell alone: `loss(params, output, stretch, context)` over stretches whose inputs are `input(stretch)`. */
export function cellTask<P, C, S, X, Y>(
  cell: Cell<P, C, X, Y>,
  settings: {
    readonly batch: number;
    readonly input: (stretch: S) => X;
    readonly mask?: (stretch: S) => Tensor | null;
    readonly loss: SequenceTask<P, C, S, Y>['loss'];
    readonly initialCarry?: (params: P) => C;
  },
): SequenceTask<P, C, S, Y> {
  checkOptions('cellTask', settings, cellTaskTable);
  const { batch, input, mask, loss, initialCarry } = settings;
  return {
    initialCarry: initialCarry ?? (() => cell.initialCarry(batch)),
    forward: (params, carry, stretch) => scan(cell, params, carry, input(stretch), { mask: mask?.(stretch) ?? null }),
    loss,
  };
}
