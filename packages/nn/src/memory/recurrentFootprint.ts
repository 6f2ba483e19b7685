import {
  sizeOf,
  bytesPerElement,
  type Backend,
  type DType,
  type Operand,
  type RecurrentArgs,
  type RecurrentBackwardArgs,
  type RecurrentForwardResult,
  type Shape,
} from '@tempograd/core/backend';

/** What a backend takes for one layer over a segment, beside the results that everyone can count. */
export interface RecurrentFootprint {
  /** Bytes of each thing saved for the way back, in the order in which a backend gives them. */
  readonly saved: readonly number[];
  /** Which of them the output lies in, so that it takes nothing of its own; -1 for none. */
  readonly outputIn: number;
  /** Bytes that are taken and given back in the forward op, and in the backward op. */
  readonly forward: number;
  readonly backward: number;
}

/** Which of the wants and gradients so far there are in the way back; null where there is none. */
export type WayBack = Pick<RecurrentBackwardArgs, 'wants' | 'into'> | null;

/** Rows that a layer is tried with, or its own where it has fewer. */
const triedRows = [8, 16] as const;
/** At most so many steps, and twice as many: where they are few, backends may go about it in another way. Fewer where weights are large. */
const mostSteps = 8;
const mostWork = 2 ** 22;
const mostTableRows = 512;

/**
 * What a backend takes for a layer over a segment, as its `memory()` says when the layer runs over a few steps of a few rows: carried on
 * from there by `a + b·T + c·B + d·T·B`. So nothing has to be known of how a backend lays out what it saves, or of what it works
 * with.  Row numbers are tried with a table of few rows.
 */
export function recurrentFootprint(
  backend: Backend,
  args: RecurrentArgs,
  save: boolean,
  back: WayBack,
): RecurrentFootprint {
  const [time, batch] = args.input.shape as readonly [number, number];
  const weights = sizeOf(args.weightHh.shape) + (args.input.dtype === 'i32' ? 0 : sizeOf(args.weightIh.shape));
  const few = Math.max(1, Math.min(mostSteps, Math.floor(mostWork / weights)));
  const [steps, rows] = [around(time, [few, 2 * few]), around(batch, triedRows)];
  const tried = steps.map((t) => rows.map((b) => tryOut(backend, args, [t, b], save, back)));
  const at = (pick: (footprint: RecurrentFootprint) => number): number => {
    const overRows = tried.map((row) => along(rows, row.map(pick), batch));
    return Math.max(0, Math.round(along(steps, overRows, time)));
  };
  const { saved, outputIn } = (tried[0] as RecurrentFootprint[])[0] as RecurrentFootprint;
  return {
    saved: saved.map((_, index) => at((footprint) => footprint.saved[index] as number)),
    outputIn,
    forward: at(({ forward }) => forward),
    backward: at(({ backward }) => backward),
  };
}

function around(size: number, [least, most]: readonly [number, number]): readonly number[] {
  return size <= most ? [size] : [least, most];
}

/** The line through one or two points, at `x`. */
function along(xs: readonly number[], ys: readonly number[], x: number): number {
  const [x0, x1] = xs as readonly [number, number?];
  const [y0, y1] = ys as readonly [number, number?];
  return x1 === undefined || y1 === undefined ? y0 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

function tryOut(
  backend: Backend,
  { cell, reverse, input, carry, weightIh, weightHh, biasIh, biasHh, mask }: RecurrentArgs,
  [time, batch]: readonly [number, number],
  save: boolean,
  back: WayBack,
): RecurrentFootprint {
  const { dtype } = weightHh;
  const hidden = weightHh.shape[1] as number;
  const made: Operand[] = [];
  const zeros = (shape: Shape, of: DType = dtype): Operand => {
    const operand = { handle: backend.fill(shape, 0, of), shape, dtype: of };
    made.push(operand);
    return operand;
  };
  const isTable = input.dtype === 'i32';
  const tableShape = [Math.min(weightIh.shape[0] as number, mostTableRows), ...weightIh.shape.slice(1)];
  const over = [time, batch];
  try {
    const args: RecurrentArgs = {
      cell,
      reverse,
      input: zeros([...over, ...input.shape.slice(2)], input.dtype),
      carry: carry.map(() => zeros([batch, hidden])),
      weightIh: zeros(isTable ? tableShape : weightIh.shape),
      weightHh: zeros(weightHh.shape),
      biasIh: biasIh && zeros(biasIh.shape),
      biasHh: biasHh && zeros(biasHh.shape),
      mask: mask && zeros(over, 'i32'),
    };
    const forward = within(backend, () =>
      (backend.recurrentForward as NonNullable<Backend['recurrentForward']>)(args, save),
    );
    const { saved } = forward.result;
    made.push(...forward.result.carry, ...(saved ?? []));
    const backward = back === null || saved === null ? 0 : wayBack(backend, { ...args, saved }, back, zeros, made);
    return { ...savedBytes(backend, forward.result, made), forward: forward.scratch, backward };
  } finally {
    for (const { handle } of made) backend.release(handle);
  }
}

/** Bytes that the way back takes beside its results. */
function wayBack(
  backend: Backend,
  args: RecurrentArgs & Pick<RecurrentBackwardArgs, 'saved'>,
  { wants, into }: NonNullable<WayBack>,
  zeros: (shape: Shape) => Operand,
  made: Operand[],
): number {
  const { input, carry, weightIh, weightHh, biasIh, biasHh } = args;
  const soFar = (x: Operand | null, wanted: Operand | null | undefined): Operand | null =>
    x !== null && wanted ? zeros(x.shape) : null;
  const { result, scratch } = within(backend, () =>
    (backend.recurrentBackward as NonNullable<Backend['recurrentBackward']>)({
      ...args,
      outputCotangent: zeros([...input.shape.slice(0, 2), weightHh.shape[1] as number]),
      carryCotangents: carry.map(({ shape }) => zeros(shape)),
      wants,
      into: into
        ? {
            weightIh: soFar(weightIh, into.weightIh),
            weightHh: soFar(weightHh, into.weightHh),
            biasIh: soFar(biasIh, into.biasIh),
            biasHh: soFar(biasHh, into.biasHh),
          }
        : null,
    }),
  );
  const { carry: carries, ...rest } = result;
  made.push(...[...(carries ?? []), ...Object.values(rest)].filter((x) => x !== null));
  return scratch;
}

/** What the things saved hold each, and where the output lies. Takes the output over, and gives it back. */
function savedBytes(
  backend: Backend,
  { output, saved }: RecurrentForwardResult,
  made: Operand[],
): Pick<RecurrentFootprint, 'saved' | 'outputIn'> {
  const released = (handle: object): number => {
    const before = backend.memory().bytes;
    backend.release(handle);
    return before - backend.memory().bytes;
  };
  const least = sizeOf(output.shape) * bytesPerElement(output.dtype);
  const shares = released(output.handle) < least;
  const bytes = (saved ?? []).map((each) => {
    made.splice(made.indexOf(each), 1);
    return released(each.handle);
  });
  const outputIn = shares ? bytes.findIndex((each, index) => each >= least && isLikely(output, saved?.[index])) : -1;
  return { saved: bytes, outputIn };
}

/** Whether a tensor that was saved may be that of the states, in which the output lies: of as many numbers for each row. */
function isLikely({ shape }: Operand, saved: Operand | undefined): boolean {
  return saved?.shape.at(-1) === shape.at(-1);
}

/** Runs an op, and gives what it took and gave back beside its results. */
function within<R>(backend: Backend, op: () => R): { readonly result: R; readonly scratch: number } {
  backend.resetPeak();
  const result = op();
  const { bytes, peakBytes } = backend.memory();
  return { result, scratch: peakBytes - bytes };
}
