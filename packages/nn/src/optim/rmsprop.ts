import { checkOptions, optionTable } from '@tempograd/core/backend';
import {
  makeOptimiser,
  optimiserKinds,
  requireFraction,
  requireNonNegative,
  type Optimiser,
  type OptimiserOptions,
} from './Optimiser.js';

/** Settings of `rmsprop`. */
export interface RmspropOptions extends OptimiserOptions {
  /** α, how much of the running mean square is kept; default is 0.99. */
  readonly alpha?: number;
  /** ε; default is 1e-8. */
  readonly epsilon?: number;
  /** μ in [0, 1); default is 0. */
  readonly momentum?: number;
  /** The centred form: divides by the root of the gradient's variance instead of its mean square. Default is false. Source: Graves 2013. */
  readonly centered?: boolean;
}

const rmspropTable = optionTable<RmspropOptions>({
  ...optimiserKinds,
  alpha: 'number',
  epsilon: 'number',
  momentum: 'number',
  centered: 'boolean',
});

/**
 * RMSprop, as PyTorch has it: `q ← α q + (1−α) g²`, `u = g / (√q + ε)`, `b ← μ b + u`, `θ ← θ − lr · b`; weight decay is added to
 * g first. Centred: `a ← α a + (1−α) g`, and `√(q − a²)` in place of √q. Source: Hinton 2012, lecture 6e.
 * @throws ArgumentError for settings out of range.
 */
export function rmsprop(options: RmspropOptions): Optimiser {
  checkOptions('rmsprop', options, rmspropTable);
  const { alpha = 0.99, epsilon = 1e-8, momentum = 0, centered = false } = options;
  requireFraction('rmsprop', 'alpha', alpha);
  requireFraction('rmsprop', 'momentum', momentum);
  requireNonNegative('rmsprop', 'epsilon', epsilon);
  const kept = { square: true, velocity: momentum !== 0, mean: centered };
  return makeOptimiser('rmsprop', 'rmsprop', options, kept, (weightDecay) => ({
    alpha,
    epsilon,
    momentum,
    weightDecay,
  }));
}
