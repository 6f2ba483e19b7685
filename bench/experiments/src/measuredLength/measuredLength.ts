import { disposeTree, foldInName, key, truncatedBptt } from '@tempograd/core';
import { adam, advise, cosineSchedule, evaluate, fit, sequenceModel } from '@tempograd/nn';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { onWasm } from '../onWasm.js';
import { additionTask, charactersTask, echoTask, type LengthTask } from './lengthTasks.js';

/** One task: what was measured before training, and what each length came to. */
export interface MeasuredTask {
  readonly name: string;
  /** Steps back that `advise` measured. */
  readonly advised: number;
  /** The shortest length that is as good as any: see `best`. */
  readonly best: number;
  /** Held-out loss after training with each length, in nats. */
  readonly losses: readonly { readonly backwardSteps: number; readonly loss: number }[];
}

/** What is measured. */
export interface MeasuredLengthFigures {
  readonly updateEvery: number;
  readonly tasks: readonly MeasuredTask[];
}

/** Steps between updates: few, so that it is the steps back that differ. */
const updateEvery = 4;

interface Plan {
  readonly lengths: readonly number[];
  readonly pilot: number;
  tasks(settings: RunSettings): Promise<LengthTask[]>;
}

const sizes: Readonly<Record<RunSettings['size'], Plan>> = {
  small: {
    lengths: [4, 8, 12],
    pilot: 100,
    tasks: async ({ seed }) => [echoTask(5, { hidden: 12, batch: 8, updates: 250, learningRate: 0.02 }, seed)],
  },
  full: {
    lengths: [4, 6, 8, 11, 16, 23, 32],
    pilot: 300,
    tasks: async ({ seed, text }) => [
      echoTask(10, { hidden: 24, batch: 16, updates: 4000, learningRate: 0.01 }, seed),
      additionTask(3, 9, { hidden: 24, batch: 16, updates: 2000, learningRate: 0.01 }, seed),
      await charactersTask(text, { hidden: 48, batch: 16, updates: 1200, learningRate: 0.005 }),
    ],
  },
};

/** The length that is measured against the best of a sweep: see docs/experiments/measured-length.md. */
export const measuredLength: Experiment<MeasuredLengthFigures> = {
  name: 'measured-length',
  title: 'how far back to look, measured before training and found by trying',
  run: (settings) =>
    onWasm(async () => {
      const { lengths, pilot, tasks } = sizes[settings.size];
      const all = await tasks(settings);
      const measured: MeasuredTask[] = [];
      for (const [at, task] of all.entries()) {
        const onLength = (done: number): void =>
          settings.onProgress?.((at + done / (lengths.length + 1)) / all.length, task.name);
        measured.push(await measure(task, lengths, pilot, settings.seed, onLength));
      }
      return { updateEvery, tasks: measured };
    }),
  report,
};

async function measure(
  { name, model: config, training, heldOut, updates, learningRate }: LengthTask,
  lengths: readonly number[],
  pilot: number,
  seed: number,
  onLength: (done: number) => void,
): Promise<MeasuredTask> {
  const model = sequenceModel(config);
  const start = (): ReturnType<typeof model.init> => model.init(foldInName(key(seed), 'start'));
  const optimiser = adam({ learningRate });
  const params = start();
  onLength(0);
  const asked = { sequenceLength: Infinity, updateEvery, model, params, data: training, optimiser, pilot };
  const { choice } = await advise(asked);
  disposeTree(params);
  const losses: { backwardSteps: number; loss: number }[] = [];
  for (const [at, backwardSteps] of lengths.entries()) {
    onLength(at + 1);
    const trained = start();
    const strategy = truncatedBptt({ updateEvery, backwardSteps });
    const falling = adam({ learningRate: cosineSchedule(learningRate, { steps: updates }) });
    const settings = { data: training, strategy, optimiser: falling, clip: { norm: 1 }, updates };
    const run = fit({ task: model, params: trained, ...settings });
    for await (const { update } of run) if (update >= updates) break;
    losses.push({ backwardSteps, loss: (await evaluate({ task: model, params: trained, data: heldOut })).loss });
    disposeTree(trained);
  }
  if (choice.name !== 'truncatedBptt') throw new Error(`A stream without end was advised ${choice.name}.`);
  return { name, advised: choice.options.backwardSteps ?? updateEvery, best: best(losses), losses };
}

/** What another start changes in a loss, too. */
const noise = 0.01;

/** The shortest length whose loss is within a twentieth of the way from the lowest to that of the shortest, or a hundredth above the lowest. */
export function best(losses: MeasuredTask['losses']): number {
  const lowest = Math.min(...losses.map(({ loss }) => loss));
  const [shortest] = losses as readonly [MeasuredTask['losses'][number]];
  const bound = lowest + Math.max(0.05 * (shortest.loss - lowest), noise * lowest);
  return (losses.find(({ loss }) => loss <= bound) ?? shortest).backwardSteps;
}

function report({ tasks }: MeasuredLengthFigures): Report {
  const ratio = ({ advised, best: found }: MeasuredTask): number => Math.max(advised / found, found / advised);
  return {
    tables: [
      {
        title: 'Steps back: measured, and the shortest that is as good as any',
        heading: ['task', 'measured', 'best of the sweep', 'factor between them'],
        rows: tasks.map((task) => [task.name, String(task.advised), String(task.best), ratio(task).toFixed(2)]),
      },
      {
        title: 'Held-out loss after training, in nats',
        heading: ['steps back', ...tasks.map(({ name }) => name)],
        rows: (tasks[0]?.losses ?? []).map(({ backwardSteps }, at) => [
          String(backwardSteps),
          ...tasks.map(({ losses }) => (losses[at]?.loss ?? NaN).toFixed(4)),
        ]),
      },
    ],
    charts: {
      'measured-length': {
        title: 'How far back to look',
        subtitle: 'Held-out loss over that of 4 steps back; upright lines: what was measured before',
        x: { label: 'steps back' },
        y: { label: 'loss / loss of 4 steps' },
        series: tasks.map(({ name, losses }) => ({
          name,
          points: losses.map(({ backwardSteps, loss }) => [backwardSteps, loss / (losses[0]?.loss ?? 1)] as const),
        })),
        rules: tasks.map(({ name, advised }) => ({ x: advised, label: name })),
      },
    },
  };
}
