import { gateCount, type RecurrentArgs, type RecurrentCell, type Result, type Shape } from '@tempograd/core/backend';
import type { Floats, JsHandle, JsOperand, Memory } from '../../memory.js';
import type { MatrixView } from '../../product/pack.js';

/** Sizes and arrays of one segment, taken out of an op's arguments once. */
export interface Segment {
  readonly cell: RecurrentCell;
  readonly steps: number;
  readonly batch: number;
  /** Features of an input, or rows of the table. */
  readonly inputSize: number;
  readonly hidden: number;
  /** Gate rows: gateCount · hidden. */
  readonly width: number;
  readonly carry: readonly Floats[];
  readonly weightIh: Floats;
  readonly weightHh: Floats;
  readonly mask: Int32Array | null;
  /** Inputs, `[T, B, I]`; or row numbers, `[T, B]`, of the table that `weightIh` then is. */
  readonly source:
    { readonly input: Floats; readonly rows: null } | { readonly input: null; readonly rows: Int32Array };
  /** Position in time of the n-th step run. */
  timeOf(n: number): number;
}

export function segmentOf(memory: Memory, args: RecurrentArgs<JsHandle>): Segment {
  const [steps, batch, features] = args.input.shape as readonly [number, number, number?];
  const hidden = args.weightHh.shape[1]!;
  return {
    cell: args.cell,
    steps,
    batch,
    inputSize: features ?? args.weightIh.shape[0]!,
    hidden,
    width: gateCount[args.cell] * hidden,
    carry: args.carry.map((x) => memory.floats(x)),
    weightIh: memory.floats(args.weightIh),
    weightHh: memory.floats(args.weightHh),
    mask: args.mask === null ? null : memory.ints(args.mask),
    source:
      args.input.dtype === 'i32'
        ? { input: null, rows: memory.ints(args.input) }
        : { input: memory.floats(args.input), rows: null },
    timeOf: args.reverse ? (n) => steps - 1 - n : (n) => n,
  };
}

/** Consecutive rows of a tensor whose rows are `width` long. */
export interface Rows {
  readonly data: Floats;
  readonly start: number;
}

/** A state before the n-th step run, `[B, H]`: the initial carry, then the states the previous step left. */
export function previousState(segment: Segment, initial: Floats, states: Floats, n: number): Rows {
  if (n === 0) return { data: initial, start: 0 };
  return { data: states, start: segment.timeOf(n - 1) * segment.batch * segment.hidden };
}

/** Rows as a matrix. */
export function rowsView({ data, start }: Rows, width: number): MatrixView {
  return { data, offset: start, rowStride: width, columnStride: 1 };
}

/** Rows as the transposed matrix. */
export function columnsView({ data, start }: Rows, width: number): MatrixView {
  return { data, offset: start, rowStride: 1, columnStride: width };
}

/** A handle with its shape, as results are returned. */
export function resultOf(handle: JsHandle, shape: Shape, dtype: JsOperand['dtype']): Result<JsHandle> {
  return { handle, shape, dtype };
}
