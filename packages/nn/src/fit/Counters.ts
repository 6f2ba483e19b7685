import type { OptimiserState } from '../optim/index.js';
import type { RunState } from './checkpoint/RunState.js';
import type { LastGood } from './DivergenceError.js';

/** What a training run counts: an update counts when it is enqueued, and is taken back where it turns out to be none. */
export class Counters {
  #optimiserState: OptimiserState<unknown>;
  #update: number;
  #skipped: number;
  #learntIn: number;
  #lastGood: LastGood | null = null;

  constructor(optimiserState: OptimiserState<unknown>, resumed: RunState | null) {
    this.#optimiserState = optimiserState;
    this.#update = resumed?.update ?? 0;
    this.#skipped = resumed?.skipped ?? 0;
    const { epoch, index, offset } = resumed?.position ?? { epoch: 0, index: 0, offset: 0 };
    this.#learntIn = index > 0 || offset > 0 ? epoch : epoch - 1;
  }

  /** Updates taken, or enqueued. */
  get update(): number {
    return this.#update;
  }

  /** Updates without items since the latest with some. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The latest epoch in which an update had items, as far as known, or may have had before the run was resumed in it. */
  get learntIn(): number {
    return this.#learntIn;
  }

  /** The latest update that was taken in this run. */
  get lastGood(): LastGood | null {
    return this.#lastGood;
  }

  /** Counts an update that was enqueued, and gives its number. */
  count(): number {
    return ++this.#update;
  }

  /** The update enqueued last was good. Gives how many before it had no items. */
  take(good: LastGood, epoch: number): number {
    const skipped = this.#skipped;
    this.#skipped = 0;
    this.#learntIn = epoch;
    this.#lastGood = good;
    return skipped;
  }

  /** The update enqueued last had no items, and changed nothing. */
  skip(): void {
    this.fail();
    this.#skipped++;
  }

  /** The update enqueued last was not finite, and changed nothing. */
  fail(): void {
    this.#update--;
    this.#optimiserState.step--;
  }
}
