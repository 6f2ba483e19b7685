import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable } from '../backend/options.js';
import type { Key } from '../random/index.js';
import { timeOf } from '../recurrence/overTime.js';
import { requireTask, type SequenceTask } from '../recurrence/SequenceTask.js';
import type { Tensor } from '../tensor/Tensor.js';
import { withCutSteps } from './cutSteps.js';
import { PackedTensors } from './PackedTensors.js';
import { floatEntries } from './pullStep.js';
import { walkBack, type PulledStep } from './walkBack.js';

/** How a leaf of the carry is spoken of at each lag. */
export interface StateByLag {
  /** Its path in the carry, `h`; `''` where the carry is one tensor. */
  readonly name: string;
  /**
   * `‖∂ℓ_s/∂h_{s−k}‖` for k = 0, 1, …, over all its numbers. At lag 0 it is `‖∂ℓ_s/∂output_s‖`, which is what a loss looks at.
   * What is meant is the carry as the next step receives it: what a lower layer of a stack hands up within its own step is no part of it.
   */
  readonly norms: readonly number[];
  /** Its shape without the last axis, `[batch]`, or `[layers, batch]` where layers are stacked. */
  readonly shape: readonly number[];
  /** The norms over the last axis alone: at each lag from 1 on one for each place of `shape`, in row-major order; empty at lag 0. */
  readonly each: readonly (readonly number[])[];
}

/** What one loss says of the steps before it. */
export interface LossByLag {
  /** The step s of the loss. */
  readonly step: number;
  /** ℓ_s. */
  readonly loss: number;
  /** One for each floating-point leaf of the carry. */
  readonly states: readonly StateByLag[];
  /** `‖G[s][s−k]‖` for k = 0, 1, …: what the loss says of the parameters as used k steps before. */
  readonly parameters: readonly number[];
}

/** How far back losses speak. */
export interface GradientByLag {
  /** Norms by lag k = 0, 1, … for each leaf of the carry, by its path: the mean over the losses that reach as far. */
  readonly states: Readonly<Record<string, readonly number[]>>;
  /** `‖G[s][s−k]‖`, as above: the share that the parameters get at each lag. */
  readonly parameters: readonly number[];
  /** Each loss by itself, the earliest first. */
  readonly losses: readonly LossByLag[];
}

/** Where to start, and which losses to pull back. */
export interface GradientByLagOptions<C = unknown> {
  /** Default is the task's initial carry. */
  readonly carry?: C;
  /** Random numbers of the run; default is none. */
  readonly key?: Key | null;
  /** The steps of the stretch whose losses are pulled back, each by itself; default is the last one. */
  readonly from?: number | readonly number[];
  /** The largest lag; default is as far as the stretch reaches. Steps that no loss reaches are run without a way back. */
  readonly lags?: number;
}

const lagTable = optionTable<GradientByLagOptions>({
  carry: 'tree',
  key: 'key or null',
  from: 'number or array',
  lags: 'number',
});

/**
 * How the gradient of a loss fades as it goes back through time: `‖∂ℓ_s/∂h_{s−k}‖` for each leaf of the carry, and the share of the
 * parameters `‖G[s][s−k]‖`, of the summed loss of a step over all rows. One forward pass, cut at each step, and one backward
 * pass, in which several losses go side by side: nothing of the size of the credit matrix is made. Norms are kept to a
 * relative error, also where a gradient has faded beyond the range of its dtype.
 * @throws ArgumentError for steps that are not in the stretch, a task that cannot be cut in time, and on a backend that cannot
 * read synchronously: there `readGradientByLag` does.
 */
export function gradientByLag<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  options: GradientByLagOptions<C> = {},
): GradientByLag {
  const measured = measure('gradientByLag', task, params, stretch, options);
  try {
    if (measured.packed.readsAtOnce) return resultOf(measured, measured.packed.readSync());
    throw new ArgumentError(
      'gradientByLag: the backend cannot read at once; use `await readGradientByLag(…)`, which takes the same arguments.',
    );
  } finally {
    measured.packed.dispose();
  }
}

/** As `gradientByLag`, on any backend: all is computed at the call, and read when it is there. */
export async function readGradientByLag<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  options: GradientByLagOptions<C> = {},
): Promise<GradientByLag> {
  const measured = measure('readGradientByLag', task, params, stretch, options);
  try {
    return resultOf(measured, await measured.packed.read());
  } finally {
    measured.packed.dispose();
  }
}

/** What was computed and is to be read. */
interface Measured {
  /** The losses, then of each told step what `tensorsOf` gives. */
  readonly packed: PackedTensors;
  /** The steps of the losses, earliest first. */
  readonly from: readonly number[];
  readonly lags: number;
  readonly told: readonly ToldStep[];
  /** The floating leaves of the carry, with their shapes without the last axis. */
  readonly leaves: readonly (readonly [path: string, shape: readonly number[]])[];
}

/** A step without its tensors: the shapes of its states, `[n, …]`. */
interface ToldStep extends Pick<PulledStep, 'step' | 'losses' | 'isOwn' | 'names'> {
  readonly shapes: readonly (readonly number[])[];
}

function measure<P, C, S, O>(
  op: string,
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  options: GradientByLagOptions<C>,
): Measured {
  requireTask(op, task);
  checkOptions(op, options, lagTable);
  const { carry = null, key = null } = options;
  const time = timeOf(stretch);
  if (task.causal === false && time > 1) {
    throw new ArgumentError(
      `${op}: a layer of this task runs backward in time (bidirectional), so that a loss speaks of later steps too, and a lag means nothing.`,
    );
  }
  const from = stepsOf(op, options.from ?? time - 1, time);
  const [first, last] = [from[0] as number, from.at(-1) as number];
  const lags = Math.min(last, options.lags ?? Infinity);
  if (!Number.isInteger(lags) || lags < 0)
    throw new ArgumentError(`${op}: lags is the largest lag, a whole number ≥ 0, but is ${lags}.`);
  const settings = { first: Math.max(0, first - lags), last, carry, key, wantsLoss: (s: number) => from.includes(s) };
  return withCutSteps(task, params, stretch, settings, (steps) => {
    const told = walkBack(
      steps,
      { params, lags, vectors: false },
      ({ cotangents: _, vector: _none, ...norms }): Norms => norms,
    );
    const losses = steps.flatMap(({ local }) => (local === null ? [] : [local.loss]));
    const packed = new PackedTensors([...losses, ...told.flatMap(tensorsOf)]);
    const leaves = floatEntries(steps.at(-1)?.carry).map(([path, { shape }]) => [path, shape.slice(0, -1)] as const);
    return { packed, from, lags, told: told.map(withoutTensors), leaves };
  });
}

type Norms = Omit<PulledStep, 'cotangents' | 'vector'>;

function tensorsOf({ scale, parameters, output, states }: Norms): Tensor[] {
  return [scale, parameters, ...(output === null ? [] : [output]), ...states];
}

function withoutTensors({ step, losses, isOwn, names, states }: Norms): ToldStep {
  return { step, losses, isOwn, names, shapes: states.map(({ shape }) => shape.slice(1)) };
}

/** Steps in order, each once. @throws ArgumentError for those that are not in the stretch. */
function stepsOf(op: string, from: number | readonly number[], time: number): number[] {
  const steps = [...new Set(typeof from === 'number' ? [from] : Array.from(from))].sort((a, b) => a - b);
  const wrong = steps.find((step) => !Number.isInteger(step) || step < 0 || step >= time);
  if (steps.length > 0 && wrong === undefined) return steps;
  throw new ArgumentError(
    `${op}: from says which losses are pulled back, steps of a stretch of ${time} counted from 0, but ${wrong === undefined ? 'there is none' : `one is ${wrong}`}.`,
  );
}

/** Norms of one loss as they come, from its own step on back. */
interface Gathered {
  readonly states: Map<string, { norms: number[]; shape: readonly number[]; each: number[][] }>;
  readonly parameters: number[];
  /** What the cotangent at hand was divided by so far. */
  scale: number;
}

function resultOf({ from, lags, told, leaves }: Measured, numbers: readonly Float64Array[]): GradientByLag {
  const gathered = new Map(from.map((s): [number, Gathered] => [s, { states: new Map(), parameters: [], scale: 1 }]));
  let next = from.length;
  const take = (): Float64Array => numbers[next++] as Float64Array;
  for (const { step, losses, isOwn, names, shapes } of told) {
    const [scale, parameters, output] = [take(), take(), isOwn ? take() : null];
    const states = shapes.map(take);
    losses.forEach((s, row) => {
      const of = gathered.get(s) as Gathered;
      of.scale *= scale[row] as number;
      of.parameters.push(of.scale * (parameters[row] as number));
      if (output !== null) {
        const norm = of.scale * Math.sqrt(output[row] as number);
        for (const [name, shape] of leaves) of.states.set(name, { norms: [norm], shape, each: [[]] });
      }
      // What step 0 is pulled back to is the carry before it, which no lag has.
      if (step === 0 || s - step === lags) return;
      names.forEach((name, leaf) => {
        const shape = shapes[leaf] as readonly number[];
        const size = shape.reduce((a, b) => a * b, 1);
        const squares = [...(states[leaf] as Float64Array).subarray(row * size, (row + 1) * size)];
        const state = of.states.get(name) as { norms: number[]; each: number[][] };
        state.norms.push(of.scale * Math.sqrt(squares.reduce((a, b) => a + b, 0)));
        state.each.push(squares.map((square) => of.scale * Math.sqrt(square)));
      });
    });
  }
  const losses = from.map((step, index): LossByLag => {
    const { states, parameters } = gathered.get(step) as Gathered;
    const loss = (numbers[index] as Float64Array)[0] as number;
    return { step, loss, parameters, states: [...states].map(([name, state]) => ({ name, ...state })) };
  });
  const names = [...new Set(losses.flatMap(({ states }) => states.map(({ name }) => name)))];
  const statesOf = (wanted: string): (readonly number[])[] =>
    losses.flatMap(({ states }) => states.flatMap(({ name, norms }) => (name === wanted ? [norms] : [])));
  return {
    states: Object.fromEntries(names.map((name) => [name, meanByLag(statesOf(name))])),
    parameters: meanByLag(losses.map(({ parameters }) => parameters)),
    losses,
  };
}

/** The mean at each lag, over the series that reach it. */
function meanByLag(series: readonly (readonly number[])[]): number[] {
  const longest = Math.max(0, ...series.map(({ length }) => length));
  return Array.from({ length: longest }, (_, lag) => {
    const values = series.flatMap((norms) => (lag < norms.length ? [norms[lag] as number] : []));
    return values.reduce((a, b) => a + b, 0) / values.length;
  });
}
