import {
  add,
  bernoulli,
  cast,
  foldIn,
  gruCell,
  key,
  linear,
  lstmCell,
  mul,
  normal,
  onesLike,
  reshape,
  rnnCell,
  scan,
  scope,
  select,
  sliceAxis,
  sub,
  sum,
  tanh,
  treeLeaves,
  treeMap,
  uniform,
  vjp,
  type Cell,
  type FloatDType,
  type Key,
  type RecurrentParams,
  type SequenceTask,
  type Strategy,
  type Tensor,
  type Update,
} from '../../src/index.js';

export interface Params {
  readonly layers: readonly RecurrentParams[];
  readonly head: Tensor;
}

export interface Stretch {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly mask: Tensor;
}

export type Kind = 'lstm' | 'gru' | 'rnn' | 'own';
export type Task = SequenceTask<Params, unknown[], Stretch, Tensor>;

const sizes = { inputs: 2, hidden: 3 };
const gates = { lstm: 4, gru: 3, rnn: 1, own: 1 };

function cellOf(kind: Kind): Cell<RecurrentParams, unknown> {
  const rnn = rnnCell({ hiddenSize: sizes.hidden });
  const own: Cell<RecurrentParams, Tensor> = {
    initialCarry: rnn.initialCarry,
    step(p, h, x) {
      const next = tanh(add(linear(x, p.weight_ih), linear(h, p.weight_hh)));
      return { carry: next, output: mul(next, next) };
    },
  };
  const cells = { lstm: lstmCell({ hiddenSize: sizes.hidden }), gru: gruCell({ hiddenSize: sizes.hidden }), rnn, own };
  return cells[kind];
}

/** Two stacked layers of a kind under a readout, with dropout between them that each step draws anew, and steps that do not count. */
export function stackedTask(
  kind: Kind,
  { time, batch = 2, dtype = 'f64' }: { time: number; batch?: number; dtype?: FloatDType },
): { params: Params; task: Task; stretch: Stretch } {
  const { inputs, hidden } = sizes;
  const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(7), seed), shape, { dtype });
  const rows = gates[kind] * hidden;
  const layer = (seed: number, size: number): RecurrentParams => ({
    weight_ih: draw(seed, [rows, size]),
    weight_hh: draw(seed + 1, [rows, hidden]),
    bias_ih: draw(seed + 2, [rows]),
    bias_hh: draw(seed + 3, [rows]),
  });
  const cell = cellOf(kind);
  return {
    params: { layers: [layer(1, inputs), layer(5, hidden)], head: draw(9, [1, hidden]) },
    task: {
      initialCarry: (_, { x }) => [0, 1].map(() => cell.initialCarry(x.shape[1] as number, { dtype })),
      forward({ layers: [lower, upper] }, [low, high], { x, mask }, { key: run, from }) {
        const first = scan(cell, lower as RecurrentParams, low, x, { mask, from, key: run });
        const dropped = run === null ? first.output : dropout(run, first.output, from);
        const second = scan(cell, upper as RecurrentParams, high, dropped, { mask, from, key: run });
        return { carry: [first.carry, second.carry], output: second.output };
      },
      loss({ head }, output, { y, mask }) {
        const error = sub(linear(output, head), y);
        return sum(select(reshape(mask, [...mask.shape, 1]), mul(error, error), 0));
      },
    },
    stretch: {
      x: draw(20, [time, batch, inputs]),
      y: draw(21, [time, batch, 1]),
      mask: cast(bernoulli(foldIn(key(7), 22), 0.8, [time, batch]), 'i32'),
    },
  };
}

/** Each step drops the same, wherever the sequence is cut. */
function dropout(run: Key, x: Tensor, from: number): Tensor {
  const each = x.size / (x.shape[0] as number);
  return mul(x, cast(uniform(run, x.shape, { offset: from * each, dtype: 'f32' }), x.dtype));
}

export const parts = <S>(stretch: S, lengths: readonly number[]): S[] => {
  let from = 0;
  return lengths.map((steps) => {
    from += steps;
    return treeMap(stretch, (leaf) => sliceAxis(leaf, from - steps, from));
  });
};

/** All numbers of a tree, as bits tell them apart. */
export function bitsOf(tree: unknown): string[] {
  return treeLeaves(tree).map((leaf) => {
    const values = leaf.readSync();
    return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('hex');
  });
}

export interface Outcome {
  readonly updates: (Pick<
    Update<unknown>,
    'forwardSteps' | 'backwardSteps' | 'lossSteps' | 'parameterSteps' | 'peakBytes'
  > & {
    readonly bits: string[];
  })[];
  readonly carry: string[];
}

/** Runs a strategy; what each update gave, in bits. */
export function outcomeOf<P, C, S, O>(
  strategy: Strategy,
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretches: readonly S[],
  options: { key?: Key | null; carry?: C; between?: (update: Update<P>) => void } = {},
): Outcome {
  const { between, ...rest } = options;
  const run = strategy.start(task, rest);
  const updates: Outcome['updates'] = [];
  const take = (update: Update<P>): void => {
    const { forwardSteps, backwardSteps, lossSteps, parameterSteps, peakBytes } = update;
    const bits = bitsOf([update.gradient, update.loss]);
    updates.push({ forwardSteps, backwardSteps, lossSteps, parameterSteps, peakBytes, bits });
    between?.(update);
  };
  try {
    for (const stretch of stretches) for (const update of run.push(params, stretch)) take(update);
    for (const update of run.finish(params)) take(update);
    return { updates, carry: bitsOf(run.carry) };
  } finally {
    run.dispose();
  }
}

/** Full backpropagation on one tape, run forward over segments: gradient, loss and last carry, in bits. */
export function onOneTape<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  segment: number,
  { key: run = null, carry = null }: { key?: Key | null; carry?: C | null } = {},
): { bits: string[]; carry: string[] } {
  return scope(() => {
    const time = treeLeaves(stretch)[0]?.shape[0] as number;
    const lengths = Array.from({ length: Math.ceil(time / segment) }, (_, i) => Math.min(segment, time - i * segment));
    const { value, pullback } = vjp((p: P) => {
      const losses: Tensor[] = [];
      let [at, state] = [0, carry];
      for (const part of parts(stretch, lengths)) {
        const context = { from: at, key: run };
        const next = task.forward(p, state ?? task.initialCarry(p, part), part, context);
        losses.push(task.loss(p, next.output, part, context));
        state = next.carry;
        at += treeLeaves(part)[0]?.shape[0] as number;
      }
      return { losses, state };
    }, params);
    const gradient = pullback({ losses: value.losses.map((loss) => onesLike(loss)), state: null });
    pullback.dispose();
    const loss = [...value.losses].reverse().reduce((sumSoFar, each) => add(sumSoFar, each));
    return { bits: bitsOf([gradient, loss]), carry: bitsOf(value.state) };
  });
}
