import { checkOptions, optionTable } from '../backend/options.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { checkpointKinds, checkpointSettings, type CheckpointOptions } from './checkpointOptions.js';
import { requireCausal } from './checkSettings.js';
import { startWeighted, type LossWeights } from './lossWeights.js';
import { KnownSizes } from './measureStates.js';
import { runTable, type Strategy } from './Strategy.js';
import { WindowRun } from './WindowRun.js';

/** What is trained on, and what may be held for it. */
export interface CheckpointedBpttOptions extends CheckpointOptions {
  /** As at `fullBptt`: default is every loss, else the weight of each. */
  readonly lossScope?: LossWeights;
}

const checkpointedBpttTable = optionTable<CheckpointedBpttOptions>({
  ...checkpointKinds,
  lossScope: 'array or function',
});

/**
 * Full backpropagation through time with less memory: some states are stored, and the steps between them are run again, as often as
 * the budget takes and no more. One update for the whole sequence, its gradient that of full backpropagation over the same segments,
 * to the bit, random numbers of the run included.
 *
 * Without a budget the sequence is cut into about √T segments and the carry before each is kept: a second forward pass for √T of the memory.
 * Sources: Chen et al. 2016, "Training deep nets with sublinear memory cost"; Griewank & Walther 2000, "Revolve"; Gruslys et al. 2016,
 * "Memory-efficient backpropagation through time".
 * @throws ArgumentError where options make no sense; in an update, where a budget in bytes does not hold a single step.
 */
export function checkpointedBptt(options: CheckpointedBpttOptions = {}): Strategy {
  checkOptions('checkpointedBptt', options, checkpointedBpttTable);
  const { lossScope = null, ...budget } = options;
  const kept = { settings: checkpointSettings('checkpointedBptt', budget), sizes: new KnownSizes() };
  const settings = {
    updateEvery: Infinity,
    backwardSteps: Infinity,
    lossScope: 'interval',
    staleness: 'recompute',
  } as const;
  return {
    name: 'checkpointedBptt',
    drops: null,
    updateEvery: Infinity,
    backwardSteps: Infinity,
    start(task, runOptions = {}) {
      requireTask('checkpointedBptt().start', task);
      checkOptions('checkpointedBptt().start', runOptions, runTable);
      requireCausal('checkpointedBptt', task);
      return startWeighted(
        'checkpointedBptt',
        lossScope,
        task,
        (weighted) => new WindowRun(weighted, settings, runOptions, { ...kept, measured: task }),
      );
    },
  };
}
