import { gateCount, recurrentCells } from '@tempograd/core/backend';
import type { Operand, RecurrentArgs } from '@tempograd/core/backend';
import type { Handle } from '../memory/Handle.js';

export type X = Operand<Handle>;

/** Sizes of one layer over one segment. */
export interface Segment {
  /** Place in `recurrentCells`. */
  readonly cell: number;
  readonly steps: number;
  readonly batch: number;
  /** Features of an input, or rows of the table. */
  readonly inputSize: number;
  readonly hidden: number;
  readonly gates: number;
  /** Sections of H numbers that `activations` has in a row: gates, and lstm's c or gru's `U_n h + d_n`. */
  readonly kept: number;
  /** Whether there are cell states. */
  readonly isLstm: boolean;
  readonly isGru: boolean;
  /** Whether the input is row numbers, and `weightIh` the table that they are of. */
  readonly isTable: boolean;
  /** 1 where the segment runs from its last step to its first. */
  readonly reverse: 0 | 1;
  /** H up to the next multiple of four, as vectors have it. */
  readonly padded: number;
  /** Fours of batch rows. */
  readonly rowGroups: number;
}

export function segmentOf({ cell, input, weightIh, weightHh, reverse }: RecurrentArgs<Handle>): Segment {
  const [steps = 0, batch = 0, features = 0] = input.shape;
  const hidden = weightHh.shape[1] as number;
  const gates = gateCount[cell];
  const isTable = input.dtype === 'i32';
  const isLstm = cell === 'lstm';
  const isGru = cell === 'gru';
  return {
    cell: recurrentCells.indexOf(cell),
    steps,
    batch,
    inputSize: isTable ? (weightIh.shape[0] as number) : features,
    hidden,
    gates,
    kept: gates + (isLstm || isGru ? 1 : 0),
    isLstm,
    isGru,
    isTable,
    reverse: reverse ? 1 : 0,
    padded: Math.ceil(hidden / 4) * 4,
    rowGroups: Math.ceil(batch / 4),
  };
}
