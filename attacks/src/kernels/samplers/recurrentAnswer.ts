import { createBackend } from '@tempograd/backend-js';
import { gateCount } from '@tempograd/core/backend';
import type { Backend, Operand, RecurrentArgs, RecurrentCell } from '@tempograd/core/backend';

const js = createBackend() as unknown as Backend;

/** What a segment is made of. */
export interface Segment {
  readonly cell: RecurrentCell;
  readonly reverse: boolean;
  readonly table: boolean;
  readonly lengths: { readonly time: number; readonly batch: number; readonly inputs: number; readonly hidden: number };
  readonly input: Float32Array | Int32Array;
  readonly weightIh: Float32Array;
  readonly weightHh: Float32Array;
  readonly biasIh: Float32Array | null;
  readonly biasHh: Float32Array | null;
  readonly mask: Int32Array | null;
  readonly h0: Float32Array;
  readonly c0: Float32Array | null;
  readonly cotangents: Readonly<Record<'output' | 'h' | 'c', Float32Array | null>>;
}

/** The gradients. */
export const gradientNames = ['dInput', 'dH0', 'dC0', 'dWeightIh', 'dWeightHh', 'dBiasIh', 'dBiasHh', 'delta'] as const;
/** Results and gradients by name; null for those that the cell has not. */
export type Answer = Readonly<
  Record<'output' | 'hT' | 'cT' | (typeof gradientNames)[number], ArrayLike<number> | null>
>;

/** What the segment and its gradients are in f64; the recurrent weights are scaled by `stretch`. */
export function answerOf(segment: Segment, stretch: number): Answer {
  const { cell, reverse, table, lengths, cotangents } = segment;
  const { time, batch, inputs, hidden } = lengths;
  const columns = gateCount[cell] * hidden;
  const made: Operand[] = [];
  const write = (data: Float32Array | Int32Array, shape: number[]): Operand => {
    const dtype = data instanceof Int32Array ? 'i32' : 'f64';
    made.push({ handle: js.write(dtype === 'i32' ? data : Float64Array.from(data), shape, dtype), shape, dtype });
    return made.at(-1)!;
  };
  const orNull = (data: Float32Array | Int32Array | null, ...shape: number[]): Operand | null =>
    data === null ? null : write(data, shape);
  const args: RecurrentArgs = {
    cell,
    reverse,
    input: write(segment.input, table ? [time, batch] : [time, batch, inputs]),
    carry: [segment.h0, segment.c0].flatMap((data) => (data === null ? [] : [write(data, [batch, hidden])])),
    weightIh: write(segment.weightIh, table ? [inputs, columns] : [columns, inputs]),
    weightHh: write(
      segment.weightHh.map((value) => value * stretch),
      [columns, hidden],
    ),
    biasIh: orNull(segment.biasIh, columns),
    biasHh: orNull(segment.biasHh, columns),
    mask: orNull(segment.mask, time, batch),
  };
  const forward = js.recurrentForward!(args, true);
  const back = js.recurrentBackward!({
    ...args,
    saved: forward.saved!,
    outputCotangent: orNull(cotangents.output, time, batch, hidden),
    carryCotangents: [cotangents.h, cotangents.c]
      .slice(0, args.carry.length)
      .map((data) => orNull(data, batch, hidden)),
    wants: { input: !table, carry: true, weights: true, delta: true },
  });
  const read = (x: Operand | null | undefined): ArrayLike<number> | null =>
    x ? Float64Array.from(js.readSync!(x)) : null;
  const answer: Answer = {
    output: read(forward.output),
    hT: read(forward.carry[0]),
    cT: read(forward.carry[1]),
    dInput: read(back.input),
    dH0: read(back.carry?.[0]),
    dC0: read(back.carry?.[1]),
    dWeightIh: read(back.weightIh),
    dWeightHh: read(back.weightHh),
    dBiasIh: read(back.biasIh),
    dBiasHh: read(back.biasHh),
    delta: read(back.delta),
  };
  const { input, weightIh, weightHh, biasIh, biasHh, delta } = back;
  const results = [
    forward.output,
    ...forward.carry,
    ...forward.saved!,
    input,
    ...(back.carry ?? []),
    weightIh,
    weightHh,
    biasIh,
    biasHh,
    delta,
  ];
  for (const x of [...made, ...results]) if (x) js.release(x.handle);
  return answer;
}

/** How far apart two answers are, relative to each tensor's largest number. */
export function apart(a: Answer, b: Answer): number {
  return Math.max(
    ...gradientNames.map((name) => {
      const [x, y] = [a[name], b[name]];
      if (x === null || y === null) return 0;
      const size = Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      return Array.from(x).reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0) / size;
    }),
  );
}
