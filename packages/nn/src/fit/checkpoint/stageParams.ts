import { assign, disposeTree, shareTree, treeZip, type RunSnapshot } from '@tempograd/core';
import type { TrainableTask } from '../TrainableTask.js';
import { stepsIn } from '../HeldStretches.js';
import { damagedAt } from './CheckpointError.js';
import { checkNextStretch } from './checkSnapshot.js';
import { tryStep } from './tryStep.js';

/** Restored values that the parameters do not have yet, because the data may still turn out not to fit the carry. */
export interface StagedParams<S> {
  /**
   * Gives the parameters their values, once the next stretch of the data, from step `offset` on, fits; null where none comes.
   * @throws CheckpointError when it does not; then nothing was changed.
   */
  accept(stretch: S | null, offset: number): void;
  dispose(): void;
}

/** Holds on to `values` and to what of the snapshot the data is held to; those that are given are borrowed. */
export function stageParams<P, C, S, O>(
  { task, params }: { readonly task: TrainableTask<P, C, S, O>; readonly params: P },
  values: P,
  snapshot: RunSnapshot | null,
): StagedParams<S> {
  const held = shareTree({ values, carry: snapshot?.carry ?? null, pending: snapshot?.pending ?? null });
  const check = (stretch: S, offset: number): void => {
    if (offset >= stepsIn(stretch))
      throw damagedAt('position.offset', `${offset} steps are done of a stretch of ${stepsIn(stretch)}`);
    checkNextStretch(held.pending, stretch);
    const from = snapshot?.position ?? 0;
    tryStep(task, held.values, { path: 'run.carry', from, carry: held.carry, stretch, at: offset });
  };
  return {
    accept(stretch, offset) {
      if (stretch !== null) check(stretch, offset);
      treeZip(params, held.values, (parameter, value) => {
        assign(parameter, value);
        return parameter;
      });
    },
    dispose: () => disposeTree(held),
  };
}
