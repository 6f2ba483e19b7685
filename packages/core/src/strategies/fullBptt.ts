import { checkOptions, optionTable } from '../backend/options.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { startWeighted, type LossWeights } from './lossWeights.js';
import { runTable, type Strategy } from './Strategy.js';
import { WindowRun } from './WindowRun.js';

/** What is trained on. */
export interface FullBpttOptions {
  /** Default is every loss. Else the weight of each: sampled losses with weight 1/p, or a few that count. */
  readonly lossScope?: LossWeights;
}

const fullBpttTable = optionTable<FullBpttOptions>({ lossScope: 'array or function' });

/**
 * Full backpropagation through time: one update for the whole sequence, exact. `δ_t = q_t + δ_{t+1} D_{t+1}`, `g = Σ δ_t I_t`.
 * Memory grows with the sequence. Source: Werbos 1990.
 */
export function fullBptt(options: FullBpttOptions = {}): Strategy {
  checkOptions('fullBptt', options, fullBpttTable);
  const settings = {
    updateEvery: Infinity,
    backwardSteps: Infinity,
    lossScope: 'interval',
    staleness: 'stored',
  } as const;
  return {
    name: 'fullBptt',
    drops: null,
    updateEvery: Infinity,
    backwardSteps: Infinity,
    start(task, runOptions = {}) {
      requireTask('fullBptt().start', task);
      checkOptions('fullBptt().start', runOptions, runTable);
      return startWeighted(
        'fullBptt',
        options.lossScope ?? null,
        task,
        (weighted) => new WindowRun(weighted, settings, runOptions),
      );
    },
  };
}
