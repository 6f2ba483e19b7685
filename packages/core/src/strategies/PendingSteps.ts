import { timeOf } from '../recurrence/overTime.js';
import { joinTime, sliceTime } from '../recurrence/stretch.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import { disposeTree } from '../tensor/tree.js';

/** Steps of a sequence that were given and not taken yet. */
export class PendingSteps<S> {
  #steps: S | null = null;

  /** How many there are. */
  get time(): number {
    return this.#steps === null ? 0 : timeOf(this.#steps);
  }

  /** Adds a stretch, which is borrowed. */
  add(stretch: S): void {
    timeOf(stretch);
    const before = this.#steps;
    this.#steps = before === null ? shareTree(stretch) : scope(() => keep(joinTime(before, stretch)));
    disposeTree(before);
  }

  /** The next `steps` of them, owned by the caller. */
  take(steps: number): S {
    const pending = this.#steps as S;
    const { time } = this;
    const taken = scope(() => keep(sliceTime(pending, 0, steps)));
    this.#steps = steps === time ? null : scope(() => keep(sliceTime(pending, steps, time)));
    disposeTree(pending);
    return taken;
  }

  /** All of them, owned by the caller; null for none. */
  share(): S | null {
    return shareTree(this.#steps);
  }

  dispose(): void {
    disposeTree(this.#steps);
    this.#steps = null;
  }
}
