import {
  cellTask,
  disposeTree,
  foldIn,
  key,
  linear,
  lstmCell,
  mul,
  normal,
  rnnCell,
  scope,
  sliceAxis,
  sub,
  sum,
  treeLeaves,
  treeMap,
  type Cell,
  type Key,
  type RecurrentParams,
  type SequenceTask,
  type Strategy,
  type StrategyRun,
  type Tensor,
  type Update,
} from '../../src/index.js';
import { expect } from 'vitest';

const f64 = { dtype: 'f64' } as const;

/** A small recurrence with a linear readout and squared errors. */
export interface Params {
  readonly cell: RecurrentParams;
  readonly head: Tensor;
}
export interface Stretch {
  readonly x: Tensor;
  readonly y: Tensor;
}
export type Task = SequenceTask<Params, unknown, Stretch, Tensor>;
export interface Sample {
  readonly task: Task;
  readonly params: Params;
  readonly stretch: Stretch;
}

/** Normal numbers in f64. */
const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(7), seed), shape, f64);

/** Parameters, task and a sequence of `time` steps; tensors belong to the caller's scope. */
export function sample(
  kind: 'rnn' | 'lstm',
  time: number,
  { hidden = 3, batch = 2 }: { readonly hidden?: number; readonly batch?: number } = {},
): Sample {
  const gates = kind === 'rnn' ? 1 : 4;
  const cell = (kind === 'rnn' ? rnnCell({ hiddenSize: hidden }) : lstmCell({ hiddenSize: hidden })) as Cell<
    RecurrentParams,
    unknown
  >;
  const inner = cellTask<RecurrentParams, unknown, Stretch, Tensor, Tensor>(cell, {
    input: ({ x }) => x,
    loss: () => {
      throw new Error('unused');
    },
  });
  return {
    params: {
      cell: {
        weight_ih: draw(1, [gates * hidden, 2]),
        weight_hh: draw(2, [gates * hidden, hidden]),
        bias_ih: draw(3, [gates * hidden]),
        bias_hh: draw(4, [gates * hidden]),
      },
      head: draw(5, [1, hidden]),
    },
    task: {
      initialCarry: (p, stretch) => inner.initialCarry(p.cell, stretch),
      forward: (p, carry, stretch, context) => inner.forward(p.cell, carry, stretch, context),
      loss: (p, output, { y }) => {
        const error = sub(linear(output, p.head), y);
        return sum(mul(error, error));
      },
    },
    stretch: { x: draw(6, [time, batch, 2]), y: draw(8, [time, batch, 1]) },
  };
}

/** Facts of an update, without its tensors. */
export type Facts = Omit<Update<unknown>, 'gradient' | 'loss' | 'peakBytes'>;

/** One update, read. */
export interface Part {
  readonly gradient: Float64Array;
  readonly loss: number;
}

/** All updates added up, and each of them. */
export interface Total extends Part {
  readonly updates: readonly Facts[];
  readonly parts: readonly Part[];
}

/** Runs a strategy over stretches at frozen parameters and adds its updates up. */
export function total<P, C, S, O>(
  strategy: Strategy,
  {
    task,
    params,
    stretch,
  }: { readonly task: SequenceTask<P, C, S, O>; readonly params: P; readonly stretch: S | readonly S[] },
  runKey: Key | null = null,
): Total {
  return scope(() => {
    const run = strategy.start(task, { key: runKey });
    try {
      const updates: Facts[] = [];
      const parts = readUpdates(run, params, (Array.isArray(stretch) ? stretch : [stretch]) as readonly S[], updates);
      const gradient = parts.reduce<Float64Array | null>(
        (all, part) =>
          all === null ? part.gradient : all.map((value, index) => value + (part.gradient[index] as number)),
        null,
      ) as Float64Array;
      return { gradient, loss: parts.reduce((all, { loss }) => all + loss, 0), updates, parts };
    } finally {
      run.dispose();
    }
  });
}

/** The updates that stretches, and the end of the sequence if `ends`, give. */
export function readUpdates<P, C, S>(
  run: StrategyRun<P, C, S>,
  params: P,
  stretches: readonly S[],
  facts: Facts[] = [],
  ends: boolean = true,
): Part[] {
  const parts: Part[] = [];
  const take = (update: Update<P>): void => {
    const { gradient, loss, peakBytes: _, ...rest } = update;
    parts.push({ gradient: flatten(gradient), loss: loss.readSync()[0] as number });
    facts.push(rest);
  };
  for (const stretch of stretches) for (const update of run.push(params, stretch)) take(update);
  if (ends) for (const update of run.finish(params)) take(update);
  return parts;
}

/** A tree's numbers end to end. */
const flatten = (tree: unknown): Float64Array =>
  Float64Array.from(treeLeaves(tree).flatMap((leaf) => [...leaf.readSync()]));

/** The largest difference, relative to the largest number of `expected` or 1. */
export function apart(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const wanted = Array.from(expected);
  const scale = Math.max(...wanted.map(Math.abs), 1);
  return Math.max(...wanted.map((value, index) => Math.abs((actual[index] as number) - value))) / scale;
}

/** Steps pushed one by one, or in two runs of which the second goes on from the first's snapshot, give the bits of all at once. */
export function expectSameHoweverPushed(strategy: Strategy): void {
  const time = 16;
  scope(() => {
    const given = sample('lstm', time);
    const steps = (from: number, to: number): Stretch => treeMap(given.stretch, (leaf) => sliceAxis(leaf, from, to));
    const whole = total(strategy, given, key(9));
    const single = Array.from({ length: time }, (_, t) => steps(t, t + 1));
    const oneByOne = total(strategy, { ...given, stretch: single }, key(9));
    expect(oneByOne.gradient).toEqual(whole.gradient);
    expect(oneByOne.parts).toEqual(whole.parts);
    for (const at of [3, 7, 11, 15]) {
      const first = strategy.start(given.task, { key: key(9) });
      const before = readUpdates(first, given.params, [steps(0, at)], [], false);
      const snapshot = first.snapshot();
      first.dispose();
      const second = strategy.start(given.task, { key: key(9), snapshot });
      disposeTree([snapshot.carry, snapshot.pending, snapshot.pieces.map(({ from: _, ...trees }) => trees)]);
      const after = readUpdates(second, given.params, [steps(at, time)]);
      second.dispose();
      expect([...before, ...after]).toEqual(whole.parts);
    }
  });
}
