import { ArgumentError, rmspropStep, type Tensor } from '@tempograd/core';
import {
  makeOptimiser,
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
  /** The centred form, which subtracts the squared mean gradient, is not offered; true is refused. */
  readonly centered?: boolean;
}

/**
 * RMSprop, as PyTorch has it: `q ← α q + (1−α) g²`, `u = g / (√q + ε)`, `b ← μ b + u`, `θ ← θ − lr · b`; weight decay is added to
 * g first. Source: Hinton 2012, lecture 6e.
 * @throws ArgumentError for `centered`, and for settings out of range.
 */
export function rmsprop(options: RmspropOptions): Optimiser {
  const { alpha = 0.99, epsilon = 1e-8, momentum = 0, centered = false } = options;
  if (centered) throw new ArgumentError('rmsprop: the centred form is not offered; leave `centered` out, or use adam.');
  requireFraction('rmsprop', 'alpha', alpha);
  requireFraction('rmsprop', 'momentum', momentum);
  requireNonNegative('rmsprop', 'epsilon', epsilon);
  const names = momentum === 0 ? ['square'] : ['square', 'velocity'];
  return makeOptimiser(
    'rmsprop',
    options,
    names,
    ({ learningRate, weightDecay }) => ({ learningRate, weightDecay, alpha, epsilon, momentum }),
    (parameter, gradient, [square, velocity], scale, settings) =>
      rmspropStep(parameter, gradient, square as Tensor, velocity ?? null, scale, settings),
  );
}
