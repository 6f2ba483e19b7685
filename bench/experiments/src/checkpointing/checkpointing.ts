import { checkpointedBptt, fullBptt, key, type CheckpointOptions, type Strategy } from '@tempograd/core';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { onWasm } from '../onWasm.js';
import {
  drawNetwork,
  drawTextNetwork,
  gradientRun,
  type GradientRun,
  type Network,
  type NetworkSize,
} from './gradientRun.js';

/** One budget, step by step. */
export interface SlotPoint {
  readonly states: 'hidden' | 'internal';
  readonly slots: number;
  /** Steps run forward, the first pass and those run again. */
  readonly forwardSteps: number;
  /** `(forward + 2 · steps) / (3 · steps)`: the time as a multiple of the full pass's if a step back costs two forward. */
  readonly expectedTime: number;
  /** The time that it took, as a multiple of the full pass's over the same steps. */
  readonly time: number;
  /** Its memory as a share of the full pass's. */
  readonly memory: number;
  /** Whether its gradient is that of the full pass, to the bit. */
  readonly sameBits: boolean;
}

/** One setting as one would use it, beside full BPTT through whole-segment kernels. */
export interface UsedPoint {
  readonly name: string;
  readonly forwardSteps: number;
  readonly time: number;
  readonly memory: number;
}

/** A long sequence within a budget, beside the full pass. */
export interface LongPoint {
  readonly size: NetworkSize;
  /** The share of the full pass's memory that it was to stay within. */
  readonly share: number;
  readonly points: readonly UsedPoint[];
}

/** What is measured. */
export interface CheckpointingFigures {
  readonly size: NetworkSize;
  /** Of the full pass, step by step. */
  readonly full: { readonly seconds: number; readonly bytes: number };
  readonly slots: readonly SlotPoint[];
  readonly used: readonly UsedPoint[];
  readonly long: LongPoint;
}

interface Plan {
  readonly size: NetworkSize;
  readonly hidden: readonly number[];
  readonly internal: readonly number[];
  /** Shares of full BPTT's bytes to stay within. */
  readonly budgets: readonly number[];
  readonly rounds: number;
  readonly long: { readonly size: NetworkSize; readonly share: number; readonly rounds: number };
}

const sizes: Readonly<Record<RunSettings['size'], Plan>> = {
  small: {
    size: { time: 1000, batch: 1, inputs: 1, hidden: 2 },
    hidden: [],
    internal: [50],
    budgets: [0.2],
    rounds: 1,
    long: { size: { time: 2000, batch: 1, inputs: 1, hidden: 2 }, share: 0.1, rounds: 1 },
  },
  full: {
    size: { time: 1000, batch: 32, inputs: 32, hidden: 128 },
    hidden: [10, 50],
    internal: [5, 10, 20, 50, 100, 200],
    budgets: [0.2, 0.1, 0.05],
    rounds: 3,
    long: { size: { time: 10_000, batch: 32, inputs: 64, hidden: 256 }, share: 0.05, rounds: 2 },
  },
};

/** Memory against time: see docs/experiments/checkpointing.md. */
export const checkpointing: Experiment<CheckpointingFigures> = {
  name: 'checkpointing',
  title: 'a twentieth of the memory for a third more time',
  run: (settings) => onWasm(() => Promise.resolve(run(settings)), { threads: 1 }),
  report,
};

function run({ size, seed, onProgress = () => undefined }: RunSettings): CheckpointingFigures {
  const plan = sizes[size];
  const network = drawNetwork(key(seed), plan.size);
  const stepwise = (options: CheckpointOptions) => checkpointedBptt({ ...options, segment: 1 });
  const slotOptions = (['hidden', 'internal'] as const).flatMap((states) =>
    plan[states].map((slots) => ({ states, slots })),
  );
  const whole = gradientRun(network, fullBptt());
  const usedOptions = plan.budgets.map((share) => Math.ceil(share * whole.bytes));
  // The full passes first: what the others are compared with.
  const strategies = [
    stepwise({ slots: Infinity, states: 'internal' }),
    ...slotOptions.map(stepwise),
    fullBptt(),
    checkpointedBptt(),
    ...usedOptions.map((bytes) => checkpointedBptt({ bytes })),
  ];
  const runs = leastOf(plan.rounds, network, strategies, (share, round) => onProgress(share / 2, round));
  const long = runLong(plan.long, seed, (share, round) =>
    onProgress((1 + share) / 2, `${plan.long.size.time} steps, ${round}`),
  );
  const [full, ...rest] = runs as [GradientRun, ...GradientRun[]];
  const slots = rest.slice(0, slotOptions.length);
  const [fused, ...used] = rest.slice(slotOptions.length) as [GradientRun, ...GradientRun[]];
  const { time } = plan.size;
  return {
    size: plan.size,
    full: { seconds: full.seconds, bytes: full.bytes },
    slots: slots.map(({ forwardSteps, seconds, bytes, gradient }, at) => ({
      ...(slotOptions[at] as (typeof slotOptions)[number]),
      forwardSteps,
      expectedTime: (forwardSteps + 2 * time) / (3 * time),
      time: seconds / full.seconds,
      memory: bytes / full.bytes,
      sameBits: gradient.every((value, index) => Object.is(value, full.gradient[index])),
    })),
    used: usedPoints([
      { name: 'fullBptt()', run: fused },
      ...used.map((point, at) => {
        const share = plan.budgets[at - 1];
        return { name: share === undefined ? 'checkpointedBptt()' : withinShare(share), run: point };
      }),
    ]),
    long,
  };
}

/** One run of each strategy, with its least time over rounds in which all take turns. */
function leastOf<P, C, S, O>(
  rounds: number,
  network: Network<P, C, S, O>,
  strategies: readonly Strategy[],
  onProgress: (share: number, round: string) => void,
): GradientRun[] {
  const runs: GradientRun[] = [];
  for (let round = 0; round < rounds; round++) {
    strategies.forEach((strategy, at) => {
      onProgress((round + at / strategies.length) / rounds, `round ${round + 1} of ${rounds}`);
      const now = gradientRun(network, strategy);
      runs[at] = { ...now, seconds: Math.min(now.seconds, runs[at]?.seconds ?? Infinity) };
    });
  }
  return runs;
}

/** A long sequence, in full and within a share of the memory that this takes. */
function runLong(
  { size, share, rounds }: Plan['long'],
  seed: number,
  onProgress: (share: number, round: string) => void,
): LongPoint {
  const network = drawTextNetwork(key(seed), size);
  const { bytes } = gradientRun(network, fullBptt());
  const strategies = [fullBptt(), checkpointedBptt({ bytes: Math.floor(share * bytes) })];
  const [full, within] = leastOf(rounds, network, strategies, onProgress) as [GradientRun, GradientRun];
  const points = usedPoints([
    { name: 'fullBptt()', run: full },
    { name: withinShare(share), run: within },
  ]);
  return { size, share, points };
}

function withinShare(share: number): string {
  return `checkpointedBptt({ bytes }), ${percent(share)}`;
}

/** Runs beside the first of them. */
function usedPoints(runs: readonly { readonly name: string; readonly run: GradientRun }[]): UsedPoint[] {
  const whole = runs[0]?.run as GradientRun;
  return runs.map(({ name, run: { forwardSteps, seconds, bytes } }) => ({
    name,
    forwardSteps,
    time: seconds / whole.seconds,
    memory: bytes / whole.bytes,
  }));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

const usedHeading = ['strategy', 'steps forward', 'time', 'memory'];

function usedRows(points: readonly UsedPoint[]): string[][] {
  return points.map(({ name, forwardSteps, time, memory }) => [
    name,
    String(forwardSteps),
    time.toFixed(2),
    percent(memory),
  ]);
}

function report({ size, slots, used, long }: CheckpointingFigures): Report {
  const of = (states: SlotPoint['states']): SlotPoint[] => slots.filter((point) => point.states === states);
  const byMemory = (points: readonly SlotPoint[], time: (point: SlotPoint) => number): [number, number][] =>
    points.map((point): [number, number] => [100 * point.memory, time(point)]).toSorted(([a], [b]) => a - b);
  return {
    tables: [
      {
        title: `Step by step: LSTM, ${size.hidden} units, ${size.batch} rows, ${size.time} steps`,
        heading: ['what a slot holds', 'slots', 'steps forward', 'expected time', 'time', 'memory', 'same bits'],
        rows: slots.map(({ states, slots: count, forwardSteps, expectedTime, time, memory, sameBits }) => [
          states === 'hidden' ? 'a carry' : 'a step',
          String(count),
          String(forwardSteps),
          expectedTime.toFixed(2),
          time.toFixed(2),
          percent(memory),
          sameBits ? 'yes' : 'no',
        ]),
      },
      {
        title: 'As one would use it, through whole-segment kernels',
        heading: usedHeading,
        rows: usedRows(used),
      },
      {
        title: `Long: a character model, LSTM, ${long.size.hidden} units, ${long.size.batch} rows, ${long.size.time} steps`,
        heading: usedHeading,
        rows: usedRows(long.points),
      },
    ],
    charts: {
      checkpointing: {
        title: 'Time against memory of checkpointed backpropagation',
        subtitle: `As shares of full backpropagation through ${size.time} steps of an LSTM`,
        x: { label: 'memory, %', log: true },
        y: { label: 'time' },
        series: [
          { name: 'slots for steps', points: byMemory(of('internal'), ({ time }) => time) },
          {
            name: 'expected',
            points: byMemory(of('internal'), ({ expectedTime }) => expectedTime),
            dashed: true,
          },
          { name: 'slots for carries', points: byMemory(of('hidden'), ({ time }) => time) },
          {
            name: 'expected, carries',
            points: byMemory(of('hidden'), ({ expectedTime }) => expectedTime),
            dashed: true,
          },
        ],
        rules: [{ y: 1.32, label: '1.32' }],
      },
    },
  };
}
