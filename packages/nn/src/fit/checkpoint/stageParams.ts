import { assign, disposeTree, shareTree, treeZip, type RunSnapshot, type Tensor } from '@tempograd/core';
import { stepsIn } from '../HeldStretches.js';
import type { TrainableTask } from '../TrainableTask.js';
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

/** Parameters, or a tree like them, and the values they are to have. */
interface Staged<P> {
  readonly tree: P;
  readonly values: P;
}

/** Holds on to the values, those of the parameters first, and to what of the snapshot the data is held to; those that are given are borrowed. */
export function stageParams<P, C, S, O>(
  { task }: { readonly task: TrainableTask<P, C, S, O> },
  staged: readonly [Staged<P>, ...Staged<P>[]],
  snapshot: RunSnapshot | null,
): StagedParams<S> {
  const held = shareTree({
    values: staged.map(({ values }) => values),
    carry: snapshot?.carry ?? null,
    pending: snapshot?.pending ?? null,
  });
  const check = (stretch: S, offset: number): void => {
    if (offset >= stepsIn(stretch))
      throw damagedAt('position.offset', `${offset} steps are done of a stretch of ${stepsIn(stretch)}`);
    checkNextStretch(held.pending, stretch);
    const from = snapshot?.position ?? 0;
    tryStep(task, held.values[0] as P, { path: 'run.carry', from, carry: held.carry, stretch, at: offset });
  };
  return {
    accept(stretch, offset) {
      if (stretch !== null) check(stretch, offset);
      const assigned = (parameter: Tensor, value: Tensor): Tensor => {
        assign(parameter, value);
        return parameter;
      };
      staged.forEach(({ tree }, index) => treeZip(tree, held.values[index] as P, assigned));
    },
    dispose: () => disposeTree(held),
  };
}
