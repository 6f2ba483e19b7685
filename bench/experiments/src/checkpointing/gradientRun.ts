import {
  cellTask,
  foldIn,
  lstmCell,
  mul,
  normal,
  sum,
  treeLeaves,
  type Key,
  type LstmCarry,
  type RecurrentParams,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';

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

/** An LSTM whose outputs are to be small, and a sequence of noise. */
export interface Network {
  readonly task: SequenceTask<RecurrentParams, LstmCarry, Tensor, Tensor>;
  readonly params: RecurrentParams;
  readonly stretch: Tensor;
}

/** A network of that size, with numbers of that key. */
export function drawNetwork(key: Key, { time, batch, inputs, hidden }: NetworkSize): Network {
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

/** One gradient of a whole sequence. */
export function gradientRun({ task, params, stretch }: Network, strategy: Strategy): GradientRun {
  const { backend } = stretch;
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
