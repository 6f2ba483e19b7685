import { disposeTree, scope, timeOf, treeLeaves, type Strategy } from '@tempograd/core';
import type { Operand } from '@tempograd/core/backend';
import { EarlyStopping } from '../fit/EarlyStopping.js';
import type { EnqueuedUpdate } from '../fit/EnqueuedUpdate.js';
import type { FitOptions, TrainableTask } from '../fit/index.js';
import type { PreparedUpdate } from '../fit/SequenceRun.js';
import { TrainingRun } from '../fit/TrainingRun.js';
import { tooLong, type MemoryUse, type PlannedHandle, type PlannedMemory } from './PlannedMemory.js';

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
  const whole = strategy.updateEvery === Infinity;
  if (whole && time > longest) throw tooLong();
  const labelled = {
    ...options,
    task: labelledTask(options.task, memory, whole ? time : 0),
    data: nothing as FitOptions<P, C, S, O>['data'],
  };
  const run = memory.as('optimiser', () => new TrainingRun(labelled, stopping, null));
  memory.as('kept', () => stopping?.begin(params, evaluates));
  let awaited: EnqueuedUpdate<P> | null = null;
  /** Whether how far updates look back is drawn, so that the highest of many is wanted; null until one does not reach the beginning. */
  let varies: boolean | null = strategy.backwardSteps === Infinity ? false : null;
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
    if (prepared.update.parameterSteps.from > 0) varies ??= prepared.update.unbiased;
    memory.as('update', () => (awaited = run.enqueueOne(prepared)));
    memory.relabel('carried');
    setUse(memory, params, 'parameters');
    setUse(memory, run.optimiserState.moments, 'optimiser');
    setUse(memory, average?.params, 'kept');
    if (!goesAhead) settle();
  };
  const prepare = (made: () => PreparedUpdate<P> | null): void => {
    if (awaited !== null) run.stand();
    take(memory.as('backward', made));
  };
  const steady = stepsUntilSteady(strategy, time) * (whole ? 1 : accumulate);
  const stretches = Math.ceil(steady / time);
  const drawsMore = (): boolean => varies !== false && run.update < updatesDrawn - 1;
  /** Whole sequences: the answer to one is awaited, and what is kept of it, while the next is run. */
  const sequences = whole ? 2 * accumulate : 1;
  for (let sequence = 0; sequence < sequences; sequence++) {
    for (let index = 0, ends = false; !ends; index++) {
      const stretch = memory.as('data', () => scope(makeStretch));
      ends = index >= stretches - 1 && !drawsMore();
      const before = run.position.index;
      // However long the stretch is: nothing new comes of its other steps.
      const isSteady = (): boolean => index * time + run.position.offset > steady && !drawsMore();
      while (run.position.index === before && !isSteady()) prepare(() => run.advance({ stretch, ends }));
      ends ||= isSteady();
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

/** Steps of one update at most: a strategy may list them. */
const longest = 2 ** 24;
/** Runs of the task after which it shows how many tensors one sequence makes. */
const runsBefore = 64;

/** The task, counting what its parts make; a plan runs through `time` steps of it at least. */
function labelledTask<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  memory: PlannedMemory,
  time: number,
): TrainableTask<P, C, S, O> {
  let [runs, steps] = [0, 0];
  return {
    ...task,
    initialCarry: (params, stretch) => memory.as('recurrence', () => task.initialCarry(params, stretch)),
    forward(params, carry, stretch, context) {
      steps += timeOf(stretch);
      if (++runs >= runsBefore && steps < time) memory.requireShort(steps / time);
      return memory.as('recurrence', () => task.forward(params, carry, stretch, context));
    },
    loss: (...args) => memory.as('loss', () => task.loss(...args)),
  };
}

/** Steps after which every window reaches as far back as it ever will. */
function stepsUntilSteady({ updateEvery, backwardSteps }: Strategy, time: number): number {
  if (updateEvery === Infinity) return time;
  return backwardSteps === Infinity ? 3 * updateEvery : backwardSteps + 3 * updateEvery;
}

function setUse(memory: PlannedMemory, tree: unknown, use: MemoryUse): void {
  for (const leaf of treeLeaves(tree)) memory.setUse((leaf as unknown as Operand<PlannedHandle>).handle, use);
}
