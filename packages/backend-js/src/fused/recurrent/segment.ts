import { gateCount, type RecurrentArgs, type RecurrentCell, type Result, type Shape } from '@tempograd/core/backend';
import type { Floats, JsHandle, JsOperand, Memory } from '../../memory.js';
import type { MatrixView } from '../../product/pack.js';

/** Sizes and arrays of one segment, taken out of an op's arguments once. */
export interface Segment {
  readonly cell: RecurrentCell;
  readonly steps: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly hidden: number;
  /** Gate rows: gateCount · hidden. */
  readonly width: number;
  readonly input: Floats;
  readonly carry: readonly Floats[];
  readonly weightIh: Floats;
  readonly weightHh: Floats;
  readonly mask: Int32Array | null;
  /** Position in time of the n-th step run. */
  timeOf(n: number): number;
}

export function segmentOf(memory: Memory, args: RecurrentArgs<JsHandle>): Segment {
  const [steps, batch, inputSize] = args.input.shape as readonly [number, number, number];
  const hidden = args.weightHh.shape[1]!;
  return {
    cell: args.cell,
    steps,
    batch,
    inputSize,
    hidden,
    width: gateCount[args.cell] * hidden,
    input: memory.floats(args.input),
    carry: args.carry.map((x) => memory.floats(x)),
    weightIh: memory.floats(args.weightIh),
    weightHh: memory.floats(args.weightHh),
    mask: args.mask === null ? null : memory.ints(args.mask),
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
