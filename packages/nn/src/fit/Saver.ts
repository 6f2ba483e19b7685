import { DataError } from '../data/index.js';
import { messageOf } from '../messageOf.js';
import { takeCheckpoint } from './checkpoint/save.js';
import { requireFinite } from './DivergenceError.js';
import type { FitOptions } from './FitOptions.js';
import type { TrainingRun } from './TrainingRun.js';

/** Saves a run when it is time, and before what would lose it. Does nothing where no checkpoints are asked for. */
export class Saver<P, C, S, O> {
  #options: FitOptions<P, C, S, O>;
  #run: TrainingRun<P, C, S, O>;
  #update: number;
  #at: number = performance.now();

  constructor(options: FitOptions<P, C, S, O>, run: TrainingRun<P, C, S, O>) {
    this.#options = options;
    this.#run = run;
    this.#update = run.update;
  }

  /** The update after which was saved last. */
  get update(): number {
    return this.#update;
  }

  /** Saves where the run stands, unless that is saved. @throws DivergenceError rather than save parameters that are not finite. */
  async save(): Promise<void> {
    const { checkpoint, clip } = this.#options;
    const { update } = this.#run;
    if (checkpoint === undefined || this.#update === update) return;
    const taken = await takeCheckpoint(this.#run, this.#options, checkpoint.metadata ?? {});
    requireFinite(taken, this.#run.counters.lastGood, !!clip);
    await checkpoint.store.save(taken);
    this.#update = update;
    this.#at = performance.now();
  }

  /** Whether this update is one after which to save, or so much time has passed. */
  get isDue(): boolean {
    const { checkpoint } = this.#options;
    if (checkpoint === undefined) return false;
    const { every = Infinity, everySeconds = Infinity } = checkpoint;
    return this.#run.update % every === 0 || performance.now() - this.#at >= 1000 * everySeconds;
  }

  /** Data that fails does not take with it what was learnt. @throws its error, or that of the saving, with both. */
  async saveBefore(cause: unknown): Promise<never> {
    try {
      await this.save();
    } catch (error) {
      throw new DataError(
        `fit: the data failed, and what was learnt since the last checkpoint could not be saved. ${messageOf(cause)} ${messageOf(error)}`,
        { cause: new AggregateError([cause, error]) },
      );
    }
    throw cause;
  }
}
