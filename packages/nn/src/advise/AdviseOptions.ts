import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import type { DataSource } from '../data/index.js';
import type { Clip, TrainableTask } from '../fit/index.js';
import { checkHealth, type TrainingHealthOptions } from '../fit/health/TrainingHealthOptions.js';
import { checkClip, dataKind, optimiserKind, paramsKind, taskKind } from '../fit/kinds.js';
import type { Optimiser } from '../optim/index.js';
import { advisedTasks, type AdvisedTask } from './Advice.js';

/** What is to be learnt; say `task` or `sequenceLength` at least. */
export interface AdviseOptions<P = unknown, C = unknown, S = unknown, O = unknown> {
  /** A kind of task that there are rules for. */
  readonly task?: AdvisedTask;
  /** Steps of a sequence; Infinity for a stream without end. */
  readonly sequenceLength?: number;
  /** Of a forecast: steps that it must look back over, such as a season. */
  readonly horizon?: number;
  /** How far back something lies that matters now, in steps, where that is known. */
  readonly longestDependency?: number;
  /** Whether the order of the steps matters; default is true. */
  readonly orderMatters?: boolean;
  /** Steps between two updates, where that is settled; default is as advised. */
  readonly updateEvery?: number;
  /** Bytes that training may take at its peak; needs `model`, whose sizes decide. */
  readonly memoryBudget?: number;
  /** What is to be trained: then memory is planned. */
  readonly model?: TrainableTask<P, C, S, O>;
  /** Its parameters, which stay as they are; needed with `model`. */
  readonly params?: NoInfer<P>;
  /** What it learns from: then the decay of gradients and the speed of each choice are measured on it. */
  readonly data?: DataSource<NoInfer<S>>;
  /** Rows in parallel; default is those of `data`. */
  readonly batch?: number;
  /** As it is given to `fit`; default is Adam at 0.001. */
  readonly optimiser?: Optimiser;
  /** As it is given to `fit`; default is a norm of 1. */
  readonly clip?: Clip | null;
  /** As it is given to `fit`: what looks at gradients on the way, for which memory is planned; default is none. */
  readonly health?: TrainingHealthOptions;
  /** The share of its gradient that a loss is to keep, by squares of norms, in (0, 1); default is 0.95. */
  readonly share?: number;
  /**
   * Updates that a copy of the parameters is trained for before the decay is measured; default is 300. At the very start it says what
   * the cells do by themselves, and only later what the task asks of them.
   */
  readonly pilot?: number;
}

const adviseTable = optionTable<AdviseOptions<object>>({
  task: advisedTasks,
  sequenceLength: 'number',
  horizon: 'number',
  longestDependency: 'number',
  orderMatters: 'boolean',
  updateEvery: 'number',
  memoryBudget: 'number',
  model: taskKind,
  params: paramsKind,
  data: dataKind,
  batch: 'number',
  optimiser: optimiserKind,
  clip: 'object or null',
  health: 'object',
  share: 'number',
  pilot: 'number',
});

/** @throws ArgumentError for options that make no sense, or that lack others. */
export function checkAdviseOptions(options: AdviseOptions<never, never, never, never>): void {
  checkOptions('advise', options, adviseTable);
  const { sequenceLength, horizon, longestDependency, updateEvery, memoryBudget, batch, share, pilot } = options;
  requireSteps('sequenceLength', sequenceLength === Infinity ? undefined : sequenceLength);
  for (const [name, value] of Object.entries({ horizon, longestDependency, updateEvery, batch }))
    requireSteps(name, value);
  if (longestDependency !== undefined && sequenceLength !== undefined && longestDependency >= sequenceLength) {
    throw new ArgumentError(
      `advise: longestDependency is ${longestDependency}, but in sequences of ${sequenceLength} steps nothing depends on what was more than ${sequenceLength - 1} before. Correct one of them.`,
    );
  }
  if (memoryBudget !== undefined && !(memoryBudget > 0))
    throw new ArgumentError(`advise: memoryBudget is a number of bytes above 0, but is ${memoryBudget}.`);
  if (share !== undefined && !(share > 0 && share < 1))
    throw new ArgumentError(`advise: share is the part of the gradient to keep, above 0 and below 1, but is ${share}.`);
  if (pilot !== undefined && !(Number.isSafeInteger(pilot) && pilot >= 0))
    throw new ArgumentError(`advise: pilot is a number of updates, a whole number ≥ 0, but is ${pilot}.`);
  checkClip('advise', options.clip ?? null);
  if (options.health !== undefined) checkHealth(options.health);
  requireTogether(options);
}

function requireSteps(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new ArgumentError(
    `advise: ${name} must be a whole number ≥ 1${name === 'sequenceLength' ? ', or Infinity for a stream without end' : ''}, but is ${value}.`,
  );
}

function requireTogether({
  task,
  sequenceLength,
  model,
  params,
  data,
  batch,
  memoryBudget,
}: AdviseOptions<never, never, never, never>): void {
  if (task === undefined && sequenceLength === undefined) {
    throw new ArgumentError(
      `advise: say what is to be learnt: a task (${advisedTasks.join(', ')}), a sequenceLength in steps (Infinity for a stream without end), or both.`,
    );
  }
  if (model !== undefined && params === undefined)
    throw new ArgumentError('advise: a model is given without params; make some: params: model.init(key(1)).');
  if (model === undefined && (params ?? data) !== undefined)
    throw new ArgumentError(
      `advise: ${params === undefined ? 'data' : 'params'} are given without the model that they belong to; add model.`,
    );
  if (model === undefined && memoryBudget !== undefined) {
    throw new ArgumentError(
      'advise: what fits into memoryBudget depends on the sizes of the model; give model, params, and batch or data.',
    );
  }
  if (model !== undefined && data === undefined && batch === undefined)
    throw new ArgumentError(
      'advise: to plan the memory of a model give batch, the rows in parallel, or data that has them.',
    );
}
