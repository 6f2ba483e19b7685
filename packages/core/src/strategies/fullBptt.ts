import { checkOptions } from '../backend/options.js';
import { runTable, type Strategy } from './Strategy.js';
import { WindowRun } from './WindowRun.js';

/**
 * Full backpropagation through time: one update for the whole sequence, exact. `δ_t = q_t + δ_{t+1} D_{t+1}`, `g = Σ δ_t I_t`.
 * Memory grows with the sequence. Source: Werbos 1990.
 */
export function fullBptt(): Strategy {
  const settings = {
    updateEvery: Infinity,
    backwardSteps: Infinity,
    lossScope: 'interval',
    staleness: 'stored',
  } as const;
  return {
    name: 'fullBptt',
    requires: [],
    drops: null,
    updateEvery: Infinity,
    backwardSteps: Infinity,
    start(task, options = {}) {
      checkOptions('fullBptt().start', options, runTable);
      return new WindowRun(task, settings, options);
    },
  };
}
