import { disposeTree, foldInName, fullBptt, gradientByLag as measureByLag, key } from '@tempograd/core';
import {
  adam,
  fit,
  orthogonal,
  sequenceModel,
  type DataSource,
  type SequenceModel,
  type SequenceModelParams,
  type SequenceStretch,
} from '@tempograd/nn';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { addingTask } from '../memoryTasks/tasks/addingTask.js';
import { onWasm } from '../onWasm.js';

/** One cell with one way to start. */
export interface CellByLag {
  readonly name: string;
  /** `‖∂ℓ_T/∂s_{T−k}‖ / ‖∂ℓ_T/∂s_{T−1}‖` of the whole state s, an LSTM's h and c, at k = 1, 2, …: before training, and after it. */
  readonly untrained: readonly number[];
  readonly trained: readonly number[];
  /** Mean loss of the last tenth of the training. */
  readonly loss: number;
}

/** What is measured. */
export interface GradientByLagFigures {
  readonly time: number;
  readonly cells: readonly CellByLag[];
}

interface Plan {
  readonly time: number;
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
}

const sizes: Readonly<Record<RunSettings['size'], Plan>> = {
  small: { time: 20, hidden: 16, batch: 8, updates: 20 },
  full: { time: 50, hidden: 32, batch: 16, updates: 2000 },
};

/** The cells, each with how it starts. */
function modelsOf({ time, hidden }: Plan): Readonly<Record<string, SequenceModel>> {
  const shared = { ...addingTask(time).model, hidden };
  return {
    RNN: sequenceModel({ ...shared, cell: 'rnnTanh' }),
    'RNN, orthogonal': sequenceModel({
      ...shared,
      cell: 'rnnTanh',
      initialisers: { recurrent: orthogonal(), bias: 'zeros' },
    }),
    GRU: sequenceModel({ ...shared, cell: 'gru' }),
    LSTM: sequenceModel({ ...shared, cell: 'lstm' }),
    'LSTM, chrono': sequenceModel({ ...shared, cell: 'lstm', chrono: time }),
  };
}

/** The picture of vanishing gradients: see docs/experiments/gradient-by-lag.md. */
export const gradientByLag: Experiment<GradientByLagFigures> = {
  name: 'gradient-by-lag',
  title: 'how gradients fade with distance in a plain network, a GRU and an LSTM',
  run: (settings) => onWasm(() => run(settings)),
  report,
};

async function run({ size, seed, onProgress = () => undefined }: RunSettings): Promise<GradientByLagFigures> {
  const plan = sizes[size];
  const models = Object.entries(modelsOf(plan));
  const cells: CellByLag[] = [];
  for (const [at, [name, model]] of models.entries()) {
    cells.push(await measureCell(plan, name, model, seed, (share) => onProgress((at + share) / models.length, name)));
  }
  return { time: plan.time, cells };
}

async function measureCell(
  { time, batch, updates }: Plan,
  name: string,
  model: SequenceModel,
  seed: number,
  onShare: (share: number) => void,
): Promise<CellByLag> {
  const params = model.init(foldInName(key(seed), 'start'));
  const { data } = addingTask(time);
  // The same sequences for all cells, and before and after; training never comes to see them.
  const probe = await firstStretch(data(4 * batch, seed + 1));
  const untrained = fading(model, params, probe);
  const losses: number[] = [];
  const optimiser = adam({ learningRate: 0.002 });
  const training = fit({
    task: model,
    params,
    data: data(batch, seed),
    strategy: fullBptt(),
    optimiser,
    clip: { norm: 1 },
    updates,
  });
  for await (const step of training) {
    losses.push(step.loss);
    onShare(step.update / updates);
  }
  const trained = fading(model, params, probe);
  disposeTree([params, probe]);
  const last = losses.slice(-updates / 10);
  return { name, untrained, trained, loss: last.reduce((sum, loss) => sum + loss, 0) / last.length };
}

async function firstStretch(data: DataSource<SequenceStretch>): Promise<SequenceStretch> {
  for await (const { stretch } of data.open({ epoch: 0, index: 0 })) return stretch;
  throw new Error('The data is empty.');
}

/** How what the last loss says of the state fades, from one step before it on. */
function fading(model: SequenceModel, params: SequenceModelParams, stretch: SequenceStretch): number[] {
  const states = Object.values(measureByLag(model, params, stretch).states);
  const whole = (states[0] as readonly number[]).map((_, lag) =>
    Math.hypot(...states.map((norms) => norms[lag] as number)),
  );
  return whole.slice(1).map((norm) => norm / (whole[1] as number));
}

function report({ time, cells }: GradientByLagFigures): Report {
  const lags = [10, 20, time - 1].filter((lag) => lag < time);
  const share = (norms: readonly number[], lag: number): string => {
    const value = norms[lag - 1] as number;
    return value >= 0.001 ? value.toFixed(3) : value.toExponential(0);
  };
  const picture = (title: string, of: (cell: CellByLag) => readonly number[]): Report['charts'][string] => ({
    title,
    subtitle: `Adding problem over ${time} steps; loss at the last one`,
    x: { label: 'steps before the loss' },
    y: { label: 'norm of the gradient, that of 1 step before = 1', log: true },
    series: cells.map((cell) => ({ name: cell.name, points: of(cell).map((norm, at) => [at + 1, norm] as const) })),
  });
  return {
    tables: [
      {
        title: `What is left of the gradient so many steps back, and the loss (${addingTask(time).blind.toFixed(3)} for a constant)`,
        heading: ['cell', ...lags.flatMap((lag) => [`${lag} back, untrained`, `${lag} back, trained`]), 'loss'],
        rows: cells.map(({ name, untrained, trained, loss }) => [
          name,
          ...lags.flatMap((lag) => [share(untrained, lag), share(trained, lag)]),
          loss.toFixed(4),
        ]),
      },
    ],
    charts: {
      'gradient-by-lag': picture('Before training', ({ untrained }) => untrained),
      'gradient-by-lag-trained': picture('After training', ({ trained }) => trained),
    },
  };
}
