import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { makeOptimiser, optimiserKinds, requireFraction, type Optimiser, type OptimiserOptions } from './Optimiser.js';

/** Settings of `sgd`. */
export interface SgdOptions extends OptimiserOptions {
  /** μ in [0, 1); default is 0. */
  readonly momentum?: number;
  /** Look ahead along the momentum; default is false. */
  readonly nesterov?: boolean;
}

const sgdTable = optionTable<SgdOptions>({ ...optimiserKinds, momentum: 'number', nesterov: 'boolean' });

/**
 * Stochastic gradient descent, as PyTorch has it: `g ← g + λθ`, `v ← μ v + g` (`v = g` at first),
 * `θ ← θ − lr · (nesterov ? g + μ v : v)`. Source: Sutskever et al. 2013.
 */
export function sgd(options: SgdOptions): Optimiser {
  checkOptions('sgd', options, sgdTable);
  const { momentum = 0, nesterov = false } = options;
  requireFraction('sgd', 'momentum', momentum);
  if (nesterov && momentum === 0) throw new ArgumentError('sgd: nesterov needs a momentum above 0, such as 0.9.');
  const kept = { velocity: momentum !== 0 };
  return makeOptimiser('sgd', 'sgd', options, kept, (weightDecay) => ({ momentum, nesterov, weightDecay }));
}
