import { ArgumentError, treeLeaves, treeLeavesLike } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';

/** A running average of the parameters, which often predicts better than they do. */
export interface RunningAverage<P> {
  /**
   * The average: a tree like the parameters, the caller's, such as `shareTree(params)`. Changed in place: it can be evaluated, saved
   * and predicted with like them at any time.
   */
  readonly params: P;
  /** d in [0, 1): after each update `average ← d · average + (1 − d) · params`. */
  readonly decay: number;
  /** Whether d begins small, `min(decay, (1 + t) / (10 + t))` at update t, counted from 0, so that the first values are soon forgotten; default is true. */
  readonly warmUp?: boolean;
}

const averageTable = optionTable<RunningAverage<object>>({
  params: required('tree'),
  decay: required('number'),
  warmUp: 'boolean',
});

/** @throws ArgumentError unless it is a tree like the parameters, apart from them, and a decay. */
export function checkAverage<P>(average: RunningAverage<P>, params: P): void {
  checkOptions('fit', average, averageTable, 'average');
  const { decay } = average;
  if (!(decay >= 0 && decay < 1)) throw new ArgumentError(`fit: average.decay must lie in [0, 1), but is ${decay}.`);
  const own = new Set(treeLeaves(params));
  if (treeLeaves(average.params).some((leaf) => own.has(leaf))) {
    throw new ArgumentError(
      'fit: average.params are the parameters themselves; give a tree of its own: shareTree(params) starts with their values.',
    );
  }
  try {
    treeLeavesLike(params, average.params);
  } catch (error) {
    throw new ArgumentError(`fit: average.params must be a tree like the parameters. ${(error as Error).message}`);
  }
}

/** How much of the way to the parameters the average goes at an update, counted from 0. */
export function shareOf({ decay, warmUp = true }: RunningAverage<unknown>, update: number): number {
  return 1 - (warmUp ? Math.min(decay, (1 + update) / (10 + update)) : decay);
}
