import {
  add,
  fullBptt,
  mul,
  shareTree,
  sliceAxis,
  stopGradient,
  treeFill,
  treeLeaves,
  treeMap,
  treeZip,
  truncatedBptt,
  valueAndGrad,
  disposeTree,
  keep,
  scope,
  concat,
  type SequenceTask,
  type Strategy,
  type StrategyRun,
  type Tensor,
  type TruncatedBpttOptions,
  type Update,
} from '@tempograd/core';

/** How a carry crosses from one chunk into the next. */
export type Crossing = (carry: unknown) => unknown;

/** The carry detached whole, as it should be. */
export const detached: Crossing = (carry) => stopGradient(carry);

/** The hidden state detached, an LSTM's cell state not. */
export const halfDetached: Crossing = (carry) =>
  treeFill(
    carry,
    treeLeaves(carry).map((leaf, index) => (index === 0 ? stopGradient(leaf) : leaf)),
  );

/** The carry detached, and its value lost with it. */
export const zeroed: Crossing = (carry) => treeMap(stopGradient(carry), (leaf) => mul(leaf, 0));

/** How a chunk's gradient is changed before it is given out. */
export interface ChunkFaults {
  readonly crossing: Crossing;
  /** Losses of this many chunks before are counted again. */
  readonly repeats?: number;
  /** The mean over the chunk's steps instead of the sum. */
  readonly mean?: boolean;
}

/**
 * Chunks without overlap (updateEvery = backwardSteps), written anew and plainly: each update runs the sequence again from its
 * start and differentiates the last chunk's losses. With `detached` and no faults it is right.
 */
export function chunked({
  crossing,
  repeats = 0,
  mean = false,
}: ChunkFaults): (options: TruncatedBpttOptions) => Strategy {
  return ({ updateEvery, backwardSteps = updateEvery, ...rest }) => {
    const right = truncatedBptt({ updateEvery, backwardSteps, ...rest });
    if (updateEvery !== backwardSteps || rest.lossScope === 'last') return right;
    return { ...right, start: (task) => chunkedRun(task, updateEvery, crossing, repeats, mean) };
  };
}

function chunkedRun<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  every: number,
  crossing: Crossing,
  repeats: number,
  mean: boolean,
): StrategyRun<P, C, S> {
  let given: S | null = null;
  let position = 0;
  const lengthOf = (): number => (given === null ? 0 : (treeLeaves(given)[0]?.shape[0] ?? 0));
  const part = (from: number, to: number): S => treeMap(given as S, (x) => sliceAxis(x, from, to));

  const lossOf = (params: P, to: number): Tensor => {
    const starts = Array.from({ length: Math.ceil(to / every) }, (_, index) => index * every);
    let carry = task.initialCarry(params, part(0, 1));
    let total: Tensor | null = null;
    starts.forEach((from, index) => {
      const end = Math.min(from + every, to);
      const stretch = part(from, end);
      const start = index === 0 ? carry : (crossing(carry) as C);
      const { carry: after, output } = task.forward(params, start, stretch, { from, key: null });
      carry = after;
      if (index < starts.length - 1 - repeats) return;
      const loss = task.loss(params, output, stretch, { from, key: null });
      const scaled = mean ? mul(loss, 1 / (end - from)) : loss;
      total = total === null ? scaled : add(total, scaled);
    });
    return total as unknown as Tensor;
  };

  function* update(params: P, to: number): Generator<Update<P>, void, void> {
    const { value, gradient } = scope(() => keep(valueAndGrad((p: P) => lossOf(p, to))(params)));
    const from = position;
    position = to;
    const range = { from, to };
    try {
      const counts = { droppedLosses: 0, forwardSteps: to, backwardSteps: to - from, peakBytes: 0, unbiased: false };
      yield { gradient, loss: value, lossSteps: range, parameterSteps: range, ...counts };
    } finally {
      disposeTree(gradient);
      value.dispose();
    }
  }

  return {
    get position() {
      return position;
    },
    carry: null,
    *push(params, stretch) {
      const before: S | null = given;
      given = before === null ? shareTree(stretch) : keep(treeZip(before, stretch, (a, b) => concat([a, b])));
      disposeTree(before);
      while (lengthOf() - position >= every) yield* update(params, position + every);
    },
    *finish(params) {
      if (lengthOf() > position) yield* update(params, lengthOf());
    },
    snapshot: () => ({ position, carry: null, pending: null, pieces: [] }),
    dispose: () => disposeTree(given),
  };
}

/** Core's strategy with its options changed. */
export const withOptions =
  (
    change: (
      options: Required<Pick<TruncatedBpttOptions, 'updateEvery' | 'backwardSteps'>> & TruncatedBpttOptions,
    ) => TruncatedBpttOptions,
  ) =>
  (options: TruncatedBpttOptions): Strategy =>
    truncatedBptt(change({ ...options, backwardSteps: options.backwardSteps ?? options.updateEvery }));

/** Core's strategy on a task that is changed first. */
export function onTask(
  make: (options: TruncatedBpttOptions) => Strategy,
  change: <P, C, S, O>(task: SequenceTask<P, C, S, O>) => SequenceTask<P, C, S, O>,
): (options: TruncatedBpttOptions) => Strategy {
  return (options) => {
    const strategy = make(options);
    return { ...strategy, start: (task, runOptions) => strategy.start(change(task), runOptions) };
  };
}

/** Core's strategy whose run is changed. */
export function withRun(
  change: <P, C, S>(run: StrategyRun<P, C, S>) => Partial<StrategyRun<P, C, S>>,
): (options: TruncatedBpttOptions) => Strategy {
  return (options) => {
    const strategy = truncatedBptt(options);
    return {
      ...strategy,
      start(task, runOptions) {
        const run = strategy.start(task, runOptions);
        return {
          push: (params, stretch) => run.push(params, stretch),
          finish: (params) => run.finish(params),
          snapshot: () => run.snapshot(),
          dispose: () => run.dispose(),
          get position() {
            return run.position;
          },
          get carry() {
            return run.carry;
          },
          ...change(run),
        };
      },
    };
  };
}

/** Full BPTT on a task that is changed first. */
export const fullOnTask =
  (change: <P, C, S, O>(task: SequenceTask<P, C, S, O>) => SequenceTask<P, C, S, O>) => (): Strategy => {
    const strategy = fullBptt();
    return { ...strategy, start: (task, options) => strategy.start(change(task), options) };
  };
