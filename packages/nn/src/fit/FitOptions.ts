import type { Key, Strategy } from '@tempograd/core';
import type { DataSource } from '../data/index.js';
import type { Metrics } from '../metrics/index.js';
import type { Optimiser, Schedule } from '../optim/index.js';
import type { RunningAverage } from './average.js';
import type { Checkpoint, CheckpointStore } from './checkpoint/Checkpoint.js';
import type { EarlyStoppingOptions } from './EarlyStopping.js';
import type { TrainingHealthOptions } from './health/TrainingHealthOptions.js';
import type { StopSignal } from './StopSignal.js';
import type { TrainableTask } from './TrainableTask.js';

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
  /**
   * Updates of the strategy, one after another, whose gradients make one step of the optimiser, as if they were one batch; default is 1.
   * A `TrainingStep` is then all of them together, and `updates`, `every` and schedules count these steps.
   */
  readonly accumulate?: number;
  /** Deviation of normal noise that is added to the gradient, once clipped: a number, or a function of the step; default is 0. */
  readonly gradientNoise?: number | Schedule;
  /** Deviation of normal noise on the parameters that each gradient is taken at, drawn anew for each update; default is 0. */
  readonly weightNoise?: number;
  /** A running average of the parameters to keep beside them; default is none. */
  readonly average?: RunningAverage<NoInfer<P>>;
  /**
   * Ends training when what is watched has not become better for more than `patience` values. However training ends, but for an error,
   * the parameters that were evaluated then have their best values; a checkpoint holds these beside the latest.
   */
  readonly earlyStopping?: EarlyStoppingOptions;
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
    /** What is evaluated in place of the parameters that are trained, such as their average. */
    readonly params?: NoInfer<P>;
  };
  /**
   * Looks at how the gradients are doing on the way, `step.health`; default is not to. It changes nothing of the training, and takes
   * about half of an update's time for each that is looked at; of small models, more.
   */
  readonly health?: TrainingHealthOptions;
  /** Go on where this was taken, with the losses the run would have had, to the bit. */
  readonly resume?: Checkpoint | null;
}
