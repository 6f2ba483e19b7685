import { disposeTree, scope, treeLeaves, type Strategy } from '@tempograd/core';
import type { Operand } from '@tempograd/core/backend';
import { EarlyStopping } from '../fit/EarlyStopping.js';
import type { EnqueuedUpdate } from '../fit/EnqueuedUpdate.js';
import type { FitOptions, TrainableTask } from '../fit/index.js';
import type { PreparedUpdate } from '../fit/SequenceRun.js';
import { TrainingRun } from '../fit/TrainingRun.js';
import type { MemoryUse, PlannedHandle, PlannedMemory } from './PlannedMemory.js';

/** A training, whose tensors have sizes only. */
export interface SimulatedTraining<P, C, S, O> {
  /** As `fit` is given them; parameters, the average's and all that is made of them lie on the planning backend. */
  readonly options: Omit<FitOptions<P, C, S, O>, 'data' | 'evaluate'>;
  /** Whether `fit` evaluates on the way. */
  readonly evaluates: boolean;
  /** Steps of the stretches. */
  readonly time: number;
  /** Makes a stretch, which passes to the caller. */
  readonly makeStretch: () => S;
  readonly memory: PlannedMemory;
  /** Whether the answer to an update is awaited while the next one's gradient is on its way, as where values cannot be read at once. */
  readonly goesAhead: boolean;
}

/** Trains as `fit` does, until every window is full and whatever is kept of the parameters is there. */
export function simulateTraining<P, C, S, O>(training: SimulatedTraining<P, C, S, O>): void {
  const { options, evaluates, time, makeStretch, memory, goesAhead } = training;
  const { params, strategy, average, earlyStopping, accumulate = 1 } = options;
  const stopping = earlyStopping ? new EarlyStopping({ patience: earlyStopping.patience }, params) : null;
  const labelled = {
    ...options,
    task: labelledTask(options.task, memory),
    data: nothing as FitOptions<P, C, S, O>['data'],
  };
  const run = memory.as('optimiser', () => new TrainingRun(labelled, stopping, null));
  memory.as('kept', () => stopping?.begin(params, evaluates));
  let awaited: EnqueuedUpdate<P> | null = null;
  /** Whether how far updates look back is drawn, or found on the way, so that the highest of many is wanted. */
  let varies = false;
  const settle = (): void => {
    if (awaited === null) return;
    awaited.dispose();
    awaited = null;
    const loss = -run.update;
    const evaluation = evaluates ? { loss, metrics: {} } : null;
    memory.as('kept', () => stopping?.see(run.update, { loss, evaluation }, evaluates));
  };
  const take = (prepared: PreparedUpdate<P> | null): void => {
    if (prepared === null) return;
    settle();
    varies ||= prepared.update.unbiased && strategy.updateEvery !== Infinity;
    memory.as('update', () => (awaited = run.enqueueOne(prepared)));
    memory.relabel('carried');
    setUse(params, 'parameters');
    setUse(run.optimiserState.moments, 'optimiser');
    setUse(average?.params, 'kept');
    if (!goesAhead) settle();
  };
  const prepare = (made: () => PreparedUpdate<P> | null): void => {
    if (awaited !== null) run.stand();
    take(memory.as('backward', made));
  };
  const perStep =
    Math.ceil(stepsUntilSteady(strategy, time) / time) * (strategy.updateEvery === Infinity ? 1 : accumulate);
  /** Whole sequences: the answer to one is awaited, and what is kept of it, while the next is run. */
  const sequences = strategy.updateEvery === Infinity ? 2 * accumulate : 1;
  for (let sequence = 0; sequence < sequences; sequence++) {
    for (let index = 0, ends = false; !ends; index++) {
      const stretch = memory.as('data', () => scope(makeStretch));
      ends = index >= perStep - 1 && !(varies && run.update < updatesDrawn - 1);
      const before = run.position.index;
      while (run.position.index === before) prepare(() => run.advance({ stretch, ends }));
      disposeTree(stretch);
    }
    prepare(() => run.endSequence());
  }
  settle();
  run.dispose();
}

/** Updates looked at where each looks back as far as is drawn for it. */
const updatesDrawn = 100;

/** `fit` opens it; a plan does not. */
const nothing: unknown = null;

/** The task, counting what its parts make. */
function labelledTask<P, C, S, O>(task: TrainableTask<P, C, S, O>, memory: PlannedMemory): TrainableTask<P, C, S, O> {
  return {
    ...task,
    initialCarry: (params, stretch) => memory.as('recurrence', () => task.initialCarry(params, stretch)),
    forward: (...args) => memory.as('recurrence', () => task.forward(...args)),
    loss: (...args) => memory.as('loss', () => task.loss(...args)),
  };
}

/** Steps after which every window reaches as far back as it ever will. */
function stepsUntilSteady({ updateEvery, backwardSteps }: Strategy, time: number): number {
  if (updateEvery === Infinity) return time;
  return backwardSteps === Infinity ? 3 * updateEvery : backwardSteps + 3 * updateEvery;
}

function setUse(tree: unknown, use: MemoryUse): void {
  for (const leaf of treeLeaves(tree)) (leaf as unknown as Operand<PlannedHandle>).handle.block.use = use;
}
