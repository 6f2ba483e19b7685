import { createBackend as createOracle } from '@tempograd/backend-js';
import { gateCount, sizeOf } from '@tempograd/core/backend';
import type { Backend, FloatDType, Operand, RecurrentCell, RecurrentWeights, Shape } from '@tempograd/core/backend';

/** A segment to try, with defaults of what most leave out. */
export interface Trial {
  readonly cell: RecurrentCell;
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly reverse?: boolean;
  readonly biased?: boolean;
  readonly mask?: 'ragged' | 'holes' | 'nothing counts';
  /** Row numbers of a table of `inputs` rows; some are outside where steps are masked. */
  readonly table?: boolean;
  /** Cotangents of output, h and c; default all. */
  readonly cotangents?: readonly boolean[];
  readonly into?: boolean;
}

/** The recurrent ops of a backend. */
export type Recurrent = Required<Pick<Backend, 'recurrentForward' | 'recurrentBackward'>>;

/** Numbers by name; null for what is not there. */
export type Numbers = Readonly<Record<string, Float64Array | null>>;

/** A generator of numbers in [−1, 1), the same each time. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

function maskOf({ mask, steps, batch }: Trial, next: () => number): Int32Array | null {
  if (mask === undefined) return null;
  const lengths = Array.from({ length: batch }, () => 1 + Math.floor(Math.abs(next()) * steps));
  return Int32Array.from({ length: steps * batch }, (_, i) => {
    if (mask === 'nothing counts') return 0;
    if (mask === 'holes') return next() < 0.3 ? 1 : 0;
    return Math.floor(i / batch) < (lengths[i % batch] as number) ? 1 : 0;
  });
}

const padding = [NaN, Infinity, 3e38];

/**
 * Runs a segment forward and backward, all gradients wanted, through `ops`, whose tensors `backend` holds.
 * What lies at masked steps is loud.
 */
export async function runTrial(backend: Backend, ops: Recurrent, trial: Trial, dtype: FloatDType): Promise<Numbers> {
  const { cell, steps, batch, inputs, hidden, reverse = false, biased = true, table = false } = trial;
  const next = generator(steps * 7 + batch * 31 + hidden * 1009 + cell.length);
  const gates = gateCount[cell] * hidden;
  const mask = maskOf(trial, next);
  const counts = (row: number): boolean => mask === null || mask[row] !== 0;
  const all: Operand[] = [];
  const make = (data: Float32Array | Float64Array | Int32Array, shape: Shape): Operand => {
    const isInt = data instanceof Int32Array;
    const written = isInt ? data : dtype === 'f32' ? Float32Array.from(data) : Float64Array.from(data);
    // Not at the beginning of a buffer, where the backend has views.
    const before = 1 + (all.length % 3);
    const padded = new (written.constructor as Float32ArrayConstructor)(before + written.length).fill(99);
    padded.set(written, before);
    const type = isInt ? 'i32' : dtype;
    const whole: Operand = {
      handle: backend.write(padded, [padded.length], type),
      shape: [padded.length],
      dtype: type,
    };
    const part: Operand = {
      handle: backend.slice(whole, [before], [written.length]),
      shape: [written.length],
      dtype: type,
    };
    const x: Operand = { handle: backend.reshape(part, shape), shape, dtype: type };
    backend.release(whole.handle);
    backend.release(part.handle);
    all.push(x);
    return x;
  };
  const random = (shape: Shape, scale = 1): Operand =>
    make(
      Float32Array.from({ length: sizeOf(shape) }, () => next() * scale),
      shape,
    );
  const overTime = (width: number): Operand =>
    make(
      Float32Array.from({ length: steps * batch * width }, (_, i) => {
        const value = next();
        return counts(Math.floor(i / width)) ? value : (padding[i % 3] as number);
      }),
      [steps, batch, width],
    );
  const rowNumbers = (): Operand =>
    make(
      Int32Array.from({ length: steps * batch }, (_, i) =>
        counts(i) ? Math.floor(Math.abs(next()) * inputs) : [-1, inputs, -2][i % 3]!,
      ),
      [steps, batch],
    );
  const args = {
    cell,
    reverse,
    input: table ? rowNumbers() : overTime(inputs),
    carry: (cell === 'lstm' ? [0, 1] : [0]).map(() => random([batch, hidden])),
    weightIh: random(table ? [inputs, gates] : [gates, inputs], table ? 1 : 1 / Math.sqrt(inputs)),
    weightHh: random([gates, hidden], 1.5 / Math.sqrt(hidden)),
    biasIh: biased ? random([gates], 0.5) : null,
    biasHh: biased ? random([gates], 0.5) : null,
    mask: mask === null ? null : make(mask, [steps, batch]),
  };
  const [ofOutput = true, ...ofCarry] = trial.cotangents ?? [];
  const outputCotangent = overTime(hidden);
  const carryCotangents = args.carry.map(() => random([batch, hidden]));
  const soFar = {
    weightIh: random(args.weightIh.shape),
    weightHh: random(args.weightHh.shape),
    biasIh: biased ? random([gates]) : null,
    biasHh: biased ? random([gates]) : null,
  } satisfies RecurrentWeights<Operand | null>;

  const light = ops.recurrentForward(args, false);
  const forward = ops.recurrentForward(args, true);
  const back = ops.recurrentBackward({
    ...args,
    saved: forward.saved ?? [],
    outputCotangent: ofOutput ? outputCotangent : null,
    carryCotangents: carryCotangents.map((x, i) => ((ofCarry[i] ?? true) ? x : null)),
    wants: { input: !table, carry: true, weights: true, delta: true },
    into: trial.into ? soFar : null,
  });
  const results: Record<string, Operand | null> = {
    output: forward.output,
    h: forward.carry[0] ?? null,
    c: forward.carry[1] ?? null,
    'output, nothing saved': light.output,
    'h, nothing saved': light.carry[0] ?? null,
    'c, nothing saved': light.carry[1] ?? null,
    'gradient of input': back.input,
    'gradient of h': back.carry?.[0] ?? null,
    'gradient of c': back.carry?.[1] ?? null,
    delta: back.delta,
    ...Object.fromEntries(
      (['weightIh', 'weightHh', 'biasIh', 'biasHh'] as const).map((name) => [
        `gradient of ${name}`,
        trial.into ? soFar[name] : back[name],
      ]),
    ),
  };
  const entries = await Promise.all(
    Object.entries(results).map(
      async ([name, x]) => [name, x && Float64Array.from(await backend.read(x as never))] as const,
    ),
  );
  const held = [...all, ...(forward.saved ?? []), light.output, ...light.carry, forward.output, ...forward.carry];
  const made = [back.input, back.delta, back.weightIh, back.weightHh, back.biasIh, back.biasHh, ...(back.carry ?? [])];
  for (const x of [...held, ...made]) if (x !== null) backend.release(x.handle);
  return Object.fromEntries(entries);
}

/** The same by the reference backend in f64. */
export async function expectedOf(trial: Trial): Promise<Numbers> {
  const oracle = createOracle() as Backend & Recurrent;
  return runTrial(oracle, oracle, trial, 'f64');
}

/** What differs by more than `bound`, relative to the largest number expected. */
export function deviations(actual: Numbers, expected: Numbers, bound: number): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const got = actual[name] ?? null;
    if (wanted === null || got === null) return wanted === got ? [] : [`${name} is there on one side only`];
    if (wanted.length !== got.length) return [`${name} has ${got.length} elements, not ${wanted.length}`];
    const scale = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0.01);
    const at = wanted.findIndex((x, i) => !(Math.abs(x - (got[i] as number)) <= bound * scale));
    return at < 0 ? [] : [`${name}[${at}] is ${got[at]}, not ${wanted[at]}`];
  });
}
