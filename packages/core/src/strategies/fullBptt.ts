import { checkOptions, optionTable } from '../backend/options.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { runTable, type Strategy } from './Strategy.js';
import { WindowRun } from './WindowRun.js';

const noOptions = optionTable<Readonly<Record<string, never>>>({});

/**
 * Full backpropagation through time: one update for the whole sequence, exact. `δ_t = q_t + δ_{t+1} D_{t+1}`, `g = Σ δ_t I_t`.
 * Memory grows with the sequence; there is nothing to set. Source: Werbos 1990.
 */
export function fullBptt(options: Readonly<Record<string, never>> = {}): Strategy {
  checkOptions('fullBptt', options, noOptions);
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
      return new WindowRun(task, settings, runOptions);
    },
  };
}
