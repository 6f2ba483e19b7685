import { ArgumentError, type Key, type Strategy, type StepRange } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { DataSource } from '../data/index.js';
import type { Metrics } from '../metrics/index.js';
import { requireMetrics } from '../metrics/Measurements.js';
import type { Optimiser } from '../optim/index.js';
import type { Checkpoint, CheckpointStore } from './checkpoint/Checkpoint.js';
import { requireScored, type Evaluation } from './evaluate.js';
import { checkNormaliser } from './chooseNormaliser.js';
import type { StopSignal } from './StopSignal.js';
import { checkClip, dataKind, optimiserKind, signalKind, strategyKind, taskKind } from './kinds.js';
import type { TrainableTask } from './TrainableTask.js';
import type { TrainingPosition } from './TrainingPosition.js';

/** How to bound a gradient: its global norm, which keeps the direction, or each of its numbers. */
export type Clip = { readonly norm: number } | { readonly value: number };

/** What to train, on what, and how. */
export interface FitOptions<P, C, S, O, M extends Metrics = Metrics> {
  /** What is trained: a model, or any other task. */
  readonly task: TrainableTask<P, C, S, O>;
  /** Changed in place: afterwards they are the trained ones. They stay the caller's. */
  readonly params: NoInfer<P>;
  /** What it learns from. */
  readonly data: DataSource<NoInfer<S>>;
  /** When an update is made, and how far back its gradient looks: `truncatedBptt(…)`, `fullBptt()`. */
  readonly strategy: Strategy;
  /** What makes a step of a gradient: `adam(…)` and others. */
  readonly optimiser: Optimiser;
  /** Default is none. What is clipped is the gradient divided by the normaliser. */
  readonly clip?: Clip | null;
  /**
   * Divides the gradient of every update's summed loss. Default: the losses of its whole sequence, where the source tells them
   * (`DataStretch.items`) or the update is the only one of it; else `batch · updateEvery`, masked or not.
   */
  readonly normaliser?: number;
  /** Random numbers of the run (dropout); default is `key(0)`. A resumed run goes on with its own. */
  readonly key?: Key;
  /** Stop when so many updates have been taken, those before a resumed checkpoint included. */
  readonly updates?: number;
  /** Times through the data; default is 1, or without end where `updates` is given. */
  readonly epochs?: number;
  /** Ends training between two updates; a checkpoint is saved where there is a store, and the iteration ends as usual. */
  readonly signal?: StopSignal;
  /** Saves the run so that it can go on bit for bit; default is not to. */
  readonly checkpoint?: {
    /** Where it is kept. */
    readonly store: CheckpointStore;
    /** Updates from one to the next; default is at the end only. */
    readonly every?: number;
    /** Also when so many seconds have passed since the last; default is never. */
    readonly everySeconds?: number;
    /** What belongs to it: the model's config, the vocabulary. */
    readonly metadata?: Readonly<Record<string, string>>;
  };
  /** Looks at other data on the way; default is not to. */
  readonly evaluate?: {
    /** What it looks at, all of it each time. */
    readonly data: DataSource<NoInfer<S>>;
    /** Updates from one to the next. */
    readonly every: number;
    /** Figures to take as well, by the names they shall have: `{ accuracy: accuracy() }`. */
    readonly metrics?: M;
  };
  /** Go on where this was taken, with the losses the run would have had, to the bit. */
  readonly resume?: Checkpoint | null;
}

/** One update that was taken. */
export interface TrainingStep<M extends Metrics = Metrics> {
  /** Its number, from 1. */
  readonly update: number;
  /** Times through the data before it. */
  readonly epoch: number;
  /** Mean loss per item over the steps whose losses were in it, before the update. */
  readonly loss: number;
  /** Items that is the mean of. */
  readonly items: number;
  /** What the gradient of the summed loss was divided by. */
  readonly normaliser: number;
  /** Updates since the step before, or the beginning, in which no loss counted: they changed nothing and are not handed on. */
  readonly skipped: number;
  /** Steps of the sequence whose losses were in it. */
  readonly lossSteps: StepRange;
  /** Steps whose losses the strategy left out for good. */
  readonly droppedLosses: number;
  /** Norm of the gradient divided by the normaliser, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Where the data goes on after it. */
  readonly position: TrainingPosition;
  /** Present every `evaluate.every` updates, with the parameters after the update. */
  readonly evaluation: Evaluation<M> | null;
  /** Whether a checkpoint was saved after it. */
  readonly saved: boolean;
  /** Highest bytes live on the backend during it, all that was live before included. */
  readonly peakBytes: number;
}

const fitTable = optionTable<FitOptions<unknown, unknown, unknown, unknown>>({
  task: required(taskKind),
  params: required('tree'),
  data: required(dataKind),
  strategy: required(strategyKind),
  optimiser: required(optimiserKind),
  clip: 'object or null',
  normaliser: 'number',
  key: 'key',
  updates: 'number',
  epochs: 'number',
  signal: signalKind,
  checkpoint: 'object',
  evaluate: 'object',
  resume: 'object or null',
});

const checkpointTable = optionTable<NonNullable<FitOptions<unknown, unknown, unknown, unknown>['checkpoint']>>({
  store: required({ wanted: 'a store, such as fileCheckpointStore(path)', members: ['save', 'load'] }),
  every: 'number',
  everySeconds: 'number',
  metadata: 'object',
});

const evaluateTable = optionTable<NonNullable<FitOptions<unknown, unknown, unknown, unknown>['evaluate']>>({
  data: required(dataKind),
  every: required('number'),
  metrics: 'object',
});

/** Refuses options that make no sense, before anything is made. */
export function checkFitOptions<P, C, S, O, M extends Metrics>(options: FitOptions<P, C, S, O, M>): void {
  checkOptions('fit', options, fitTable);
  const { updates, epochs, checkpoint, evaluate, clip, normaliser, strategy, task } = options;
  if (checkpoint !== undefined) checkOptions('fit', checkpoint, checkpointTable, 'checkpoint');
  if (evaluate !== undefined) {
    checkOptions('fit', evaluate, evaluateTable, 'evaluate');
    const { metrics = {} } = evaluate;
    requireScored('fit', task, metrics);
    requireMetrics('fit', metrics);
  }
  checkClip('fit', clip ?? null);
  checkNormaliser(normaliser);
  const counts = { updates, epochs, 'checkpoint.every': checkpoint?.every, 'evaluate.every': evaluate?.every };
  for (const [name, value] of Object.entries(counts)) {
    if (value === undefined || value === Infinity || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new ArgumentError(`fit: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  const seconds = checkpoint?.everySeconds;
  if (seconds !== undefined && !(seconds > 0))
    throw new ArgumentError(`fit: checkpoint.everySeconds must be a number above 0, but is ${seconds}.`);
  // A strategy refuses a task it cannot train when it starts.
  strategy.start(task).dispose();
}
