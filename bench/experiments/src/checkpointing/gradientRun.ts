import {
  cast,
  cellTask,
  foldIn,
  lstmCell,
  mul,
  normal,
  sum,
  treeLeaves,
  uniform,
  type Key,
  type LstmCarry,
  type RecurrentParams,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { charModel, type SequenceModelCarry, type SequenceModelParams, type SequenceStretch } from '@tempograd/nn';

/** How large a network is, and over how many steps its gradient goes. */
export interface NetworkSize {
  readonly time: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
}

/** What one gradient took. */
export interface GradientRun {
  readonly forwardSteps: number;
  /** Most bytes live during it, beyond what was live before. */
  readonly bytes: number;
  /** Processor time. */
  readonly seconds: number;
  /** All of it, laid end to end. */
  readonly gradient: Float32Array;
}

/** A task, its parameters, and a sequence. */
export interface Network<P, C, S, O> {
  readonly task: SequenceTask<P, C, S, O>;
  readonly params: P;
  readonly stretch: S;
}

/** An LSTM whose outputs are to be small, and a sequence of noise. */
export function drawNetwork(
  key: Key,
  { time, batch, inputs, hidden }: NetworkSize,
): Network<RecurrentParams, LstmCarry, Tensor, Tensor> {
  const draw = (which: number, shape: readonly number[]): Tensor => mul(normal(foldIn(key, which), shape), 0.1);
  return {
    task: cellTask<RecurrentParams, LstmCarry, Tensor, Tensor, Tensor>(lstmCell({ hiddenSize: hidden }), {
      input: (stretch) => stretch,
      loss: (_params, outputs) => sum(mul(outputs, outputs)),
    }),
    params: {
      weight_ih: draw(0, [4 * hidden, inputs]),
      weight_hh: draw(1, [4 * hidden, hidden]),
      bias_ih: draw(2, [4 * hidden]),
      bias_hh: draw(3, [4 * hidden]),
    },
    stretch: draw(4, [time, batch, inputs]),
  };
}

/** Characters that texts are made of. */
const characters = 65;

/** A character model, its vectors of so many numbers as there are inputs, and texts of no sense. */
export function drawTextNetwork(
  key: Key,
  { time, batch, inputs, hidden }: NetworkSize,
): Network<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor> {
  const task = charModel({ vocabulary: characters, embedding: inputs, hidden });
  const text = (which: number): Tensor => cast(mul(uniform(foldIn(key, which), [time, batch]), characters), 'i32');
  return { task, params: task.init(key), stretch: { inputs: text(0), targets: text(1) } };
}

/** One gradient of a whole sequence. */
export function gradientRun<P, C, S, O>(
  { task, params, stretch }: Network<P, C, S, O>,
  strategy: Strategy,
): GradientRun {
  const { backend } = treeLeaves(stretch)[0] as Tensor;
  const before = backend.memory().bytes;
  const run = strategy.start(task);
  const measured: GradientRun[] = [];
  const begin = process.cpuUsage();
  for (const updates of [run.push(params, stretch), run.finish(params)]) {
    for (const update of updates) {
      const { user, system } = process.cpuUsage(begin);
      const gradient = Float32Array.from(treeLeaves(update.gradient).flatMap((leaf) => [...leaf.readSync()]));
      const { forwardSteps, peakBytes } = update;
      measured.push({ forwardSteps, bytes: peakBytes - before, seconds: (user + system) / 1e6, gradient });
    }
  }
  run.dispose();
  return measured[0] as GradientRun;
}
