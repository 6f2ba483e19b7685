import { createBackend } from '@tempograd/backend-wasm';
import { useBackend } from '@tempograd/core';
import type { Experiment, Report, RunSettings, Size } from '../Experiment.js';
import type { MemoryTask } from './MemoryTask.js';
import { runStart, type RaceSettings, type Runner } from './race.js';
import { starts } from './starts.js';

/** What is measured. */
export interface MemoryFigures {
  /** Steps of a sequence. */
  readonly steps: number;
  /** The loss of whoever does not look. */
  readonly blind: number;
  readonly settings: Omit<RaceSettings, 'seed'>;
  readonly runners: readonly Runner[];
}

/** One size of such an experiment. */
export interface MemorySize extends Omit<RaceSettings, 'seed'> {
  readonly task: MemoryTask;
  /** Of the starts, by name; default is all. */
  readonly only?: readonly string[];
}

/** The same cells from different starts on one task of memory: which of them learn it, and after how many updates. */
export function memoryExperiment(
  name: string,
  title: string,
  sizes: Readonly<Record<Size, MemorySize>>,
): Experiment<MemoryFigures> {
  return {
    name,
    title,
    async run({ size, seed, onProgress }: RunSettings): Promise<MemoryFigures> {
      const backend = await createBackend({ build: 'simd', threads: 1 });
      useBackend(backend);
      const { task, only, ...settings } = sizes[size];
      const runners: Runner[] = [];
      const all = starts(task.steps).filter((start) => only?.includes(start.name) ?? true);
      for (const [at, start] of all.entries()) {
        const onUpdate = (update: number): void =>
          onProgress?.((at + update / settings.updates) / all.length, start.name);
        runners.push(await runStart(start, task, { ...settings, seed }, onUpdate));
      }
      backend.dispose?.();
      return { steps: task.steps, blind: task.blind, settings, runners };
    },
    report: (figures) => report(name, title, figures),
  };
}

/** Of what a picture shows: where a training explodes, a loss may be past all measure. */
const highest = 1.5;

function report(name: string, title: string, { blind, settings, runners }: MemoryFigures): Report {
  const isCut = runners.some(({ losses }) => losses.some(([, loss]) => loss > highest * blind));
  const updates = (at: number | null): string => (at === null ? `not in ${settings.updates}` : String(at));
  return {
    tables: [
      {
        title: `Updates until a start is better than blind (${blind.toFixed(4)}) for good, and until it has solved the task`,
        heading: ['start', 'better than blind', 'solved', 'loss in the end'],
        rows: runners.map((runner) => [
          runner.name,
          updates(runner.beatBlind),
          updates(runner.solved),
          (runner.losses.at(-1)?.[1] ?? NaN).toFixed(4),
        ]),
      },
    ],
    charts: {
      [name]: {
        title: title.charAt(0).toUpperCase() + title.slice(1),
        subtitle: `Loss over that of whoever does not look at what is shown${isCut ? `; what is above ${highest} is drawn there` : ''}`,
        x: { label: 'update' },
        y: { label: 'loss / blind loss' },
        series: runners.map((runner) => ({
          name: runner.name,
          points: runner.losses.map(([update, loss]) => [update, Math.min(loss / blind, highest)] as const),
          dashed: runner.name.startsWith('RNN'),
        })),
        rules: [
          { y: 1, label: 'blind' },
          { y: 0.1, label: 'solved' },
        ],
      },
    },
  };
}
