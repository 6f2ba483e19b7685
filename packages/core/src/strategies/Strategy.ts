import { optionTable, type OptionTable } from '../backend/options.js';
import type { Key } from '../random/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';

/** Steps `from … to`, the end not included, counted from the sequence's first step. */
export interface StepRange {
  readonly from: number;
  readonly to: number;
}

/** How far back an update went whose length follows measurements, and what that leaves out. */
export interface TruncationEstimate {
  /** Steps back from its last. */
  readonly length: number;
  /**
   * By the latest measurement a bound on the norm of what is left out, relative to that of the gradient: 0 where nothing is, infinite where
   * gradients do not fade, null before anything was measured.
   */
  readonly biasBound: number | null;
  /** β, what is left of a gradient's norm from one step to the one before it; null before anything was measured. */
  readonly decay: number | null;
}

/** One gradient, and what it is made of. Valid until the generator that gave it is resumed, which disposes of it. */
export interface Update<P> {
  /** Gradient of the summed loss with respect to the parameters. */
  readonly gradient: P;
  /** The summed loss, a scalar. */
  readonly loss: Tensor;
  /** Steps whose losses are in it. */
  readonly lossSteps: StepRange;
  /** Steps at which the recurrence's parameters were moved. */
  readonly parameterSteps: StepRange;
  /** Steps since the last update whose losses are left out for good, those that were given weight 0 among them. */
  readonly droppedLosses: number;
  /** Steps run forward for it, those run again included. */
  readonly forwardSteps: number;
  /** Steps run backward for it. */
  readonly backwardSteps: number;
  /** Highest bytes live on the backend during it. */
  readonly peakBytes: number;
  /**
   * Whether, at frozen parameters and in expectation, it is (a multiple of) all that its losses say of the parameters at every step before
   * them, so that updates of which this holds add up to the true gradient. Where losses were given weights, of their weighted sum. A truncation
   * is, as long as its windows reach the sequence's beginning.
   */
  readonly unbiased: boolean;
  /** Of strategies that measure how far back to go, what they found; absent elsewhere. */
  readonly truncation?: TruncationEstimate;
}

/** Where a run stands between two updates: all it needs to go on elsewhere. Trees in it are owned by whoever asked for it. */
export interface RunSnapshot {
  /** Steps trained on so far. */
  readonly position: number;
  /** The carry after them; null at the very start. */
  readonly carry: unknown;
  /** Steps given but not trained on yet, or null. */
  readonly pending: unknown;
  /** Pieces of the past that later updates still reach into. */
  readonly pieces: readonly PieceSnapshot[];
  /**
   * What belongs to the strategy beside these, saved and given back as it is: influence matrices, traces, random states. A tree of
   * tensors, and of numbers, booleans and texts; `undefined` comes back as null. Absent where the strategy has none.
   */
  readonly state?: unknown;
}

/** A piece of the past: enough to run it again just as it ran. */
export interface PieceSnapshot {
  readonly from: number;
  /** The parameters it ran with; null where the current ones are used. */
  readonly params: unknown;
  /** The carry it started from; null where it starts the sequence, or goes on from the piece before and running that gives it. */
  readonly carry: unknown;
  readonly stretch: unknown;
}

/** How a run starts. */
export interface RunOptions<C> {
  /** Random numbers of the run; default is none. */
  readonly key?: Key | null;
  /** The carry to start from; default is the task's initial carry. Borrowed. */
  readonly carry?: C;
  /** Go on where a snapshot was taken; excludes `carry`. Borrowed. */
  readonly snapshot?: RunSnapshot;
}

/** Kinds of `RunOptions`. */
export const runTable: OptionTable = optionTable<RunOptions<object>>({
  key: 'key or null',
  carry: 'tree',
  snapshot: 'object',
});

/** One pass over one sequence (or one batch of parallel ones). Hold it as long as the sequence lasts; then `dispose()`. */
export interface StrategyRun<P, C, S> {
  /**
   * Takes the next steps of the sequence, any number of them, and yields an update whenever enough have come. The stretch is
   * borrowed. Change parameters in place between updates, or push one interval at a time with new ones.
   * @throws whatever the task throws; from then on `push`, `finish` and `snapshot` throw a LifetimeError that says so.
   */
  push(params: P, stretch: S): Generator<Update<P>, void, void>;
  /** The sequence has ended: trains on what is left. */
  finish(params: P): Generator<Update<P>, void, void>;
  /** Steps trained on so far. */
  readonly position: number;
  /** The carry after them, detached; null before the first update. Owned by the run. */
  readonly carry: C | null;
  /** All that is needed to go on from here, in a run of the same settings: copies, which are the caller's. */
  snapshot(): RunSnapshot;
  /** Gives back what the run holds. Parameters and stretches are not its own. */
  dispose(): void;
}

/** A member of the family: a way to get gradients of a recurrence through time. */
export interface Strategy {
  readonly name: string;
  /** Losses between updates that this strategy leaves out on purpose, in words; null when every loss is counted once, or by the weight it was given. */
  readonly drops: string | null;
  /** Steps between updates, `Infinity` when there is one update for a whole sequence. */
  readonly updateEvery: number;
  /** Steps back at each update, on average where they are drawn or measured. */
  readonly backwardSteps: number;
  /** @throws ArgumentError when the task lacks what the strategy needs, such as being causal. */
  start<P, C, S, O>(task: SequenceTask<P, C, S, O>, options?: RunOptions<C>): StrategyRun<P, C, S>;
}
