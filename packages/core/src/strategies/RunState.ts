import { LifetimeError } from '../backend/errors.js';
import { commonBackend } from '../tensor/bind.js';
import { disposeTree, treeLeaves } from '../tensor/tree.js';
import type { Update } from './Strategy.js';

/** Whether a run can go on: after an update that was stopped in the middle it cannot. */
export class RunState {
  #failure: { readonly cause: unknown } | null = null;

  /** What `fn` returns; when it throws, the run is broken from then on. */
  orBroken<R>(fn: () => R): R {
    try {
      return fn();
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  /** Hands on the update that `compute` gives, which asks for the bytes that were live when all is done, and disposes of it when it is asked for more. */
  *handOn<P>(params: P, compute: (peakBytes: () => number) => Update<P>): Generator<Update<P>, void, void> {
    const backend = commonBackend('training', treeLeaves(params));
    backend.resetPeak();
    const update = this.orBroken(() => compute(() => backend.memory().peakBytes));
    try {
      yield update;
    } finally {
      disposeTree(update.gradient);
      update.loss.dispose();
    }
  }

  /** @throws LifetimeError when an update from step `position` was stopped in the middle. */
  requireWhole(op: string, position: number): void {
    if (this.#failure === null) return;
    const { cause } = this.#failure;
    throw new LifetimeError(
      `${op}: the update of this run from step ${position} was stopped in the middle by "${cause instanceof Error ? cause.message : String(cause)}", ` +
        'and it cannot go on. Dispose of it; start another from an earlier snapshot, or from the start of the sequence.',
      { cause },
    );
  }
}
