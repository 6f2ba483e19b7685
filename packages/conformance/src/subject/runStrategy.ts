import {
  add,
  scope,
  treeLeaves,
  treeZip,
  treeMap,
  type SequenceTask,
  type Strategy,
  type Tensor,
  type Update,
} from '@tempograd/core';

/** An update without its tensors. */
export type UpdateFacts = Pick<
  Update<unknown>,
  'lossSteps' | 'parameterSteps' | 'droppedLosses' | 'forwardSteps' | 'backwardSteps' | 'peakBytes'
>;

/** What a strategy did with a sequence. Tensors belong to the caller's scope. */
export interface StrategyOutcome {
  /** The sum of all updates' gradients, in the order of `treeLeaves(params)`. */
  readonly gradient: readonly Tensor[];
  /** The loss of each update. */
  readonly losses: readonly Tensor[];
  readonly updates: readonly UpdateFacts[];
  /** The carry at the end. */
  readonly carry: readonly Tensor[];
}

/** Runs a strategy over a sequence given in pieces, with parameters that stay as they are. */
export function runStrategy<P, C, S, O>(
  strategy: Strategy,
  task: SequenceTask<P, C, S, O>,
  params: P,
  pieces: readonly S[],
  options: Parameters<typeof strategy.start<P, C, S, O>>[1] = {},
): StrategyOutcome {
  return scope(() => {
    const run = strategy.start(task, options);
    try {
      let total: P | null = null;
      const losses: Tensor[] = [];
      const updates: UpdateFacts[] = [];
      const take = (update: Update<P>): void => {
        total = total === null ? treeMap(update.gradient, (x) => add(x, 0)) : treeZip(total, update.gradient, add);
        losses.push(add(update.loss, 0));
        const { lossSteps, parameterSteps, droppedLosses, forwardSteps, backwardSteps, peakBytes } = update;
        updates.push({ lossSteps, parameterSteps, droppedLosses, forwardSteps, backwardSteps, peakBytes });
      };
      for (const piece of pieces) for (const update of run.push(params, piece)) take(update);
      for (const update of run.finish(params)) take(update);
      return { gradient: treeLeaves(total), losses, updates, carry: treeLeaves(run.carry).map((x) => add(x, 0)) };
    } finally {
      run.dispose();
    }
  });
}
