import { checkOptions, optionTable } from '@tempograd/core/backend';
import {
  makeOptimiser,
  optimiserKinds,
  requireFraction,
  requireNonNegative,
  type Optimiser,
  type OptimiserOptions,
} from './Optimiser.js';

/** Settings of `adam` and `adamw`. */
export interface AdamOptions extends OptimiserOptions {
  /** β1 in [0, 1); default is 0.9. */
  readonly beta1?: number;
  /** β2 in [0, 1); default is 0.999. */
  readonly beta2?: number;
  /** ε, added to the root; default is 1e-8. */
  readonly epsilon?: number;
  /** AMSGrad: the largest v so far takes the place of v. Default is false. Source: Reddi, Kale & Kumar 2018. */
  readonly amsgrad?: boolean;
}

const adamTable = optionTable<AdamOptions>({
  ...optimiserKinds,
  beta1: 'number',
  beta2: 'number',
  epsilon: 'number',
  amsgrad: 'boolean',
});

/**
 * Adam: `m ← β1 m + (1−β1) g`, `v ← β2 v + (1−β2) g²`, `θ ← θ − lr · m̂ / (√v̂ + ε)` with bias-corrected m̂, v̂; weight decay is
 * added to g first. Source: Kingma & Ba 2015, algorithm 1.
 */
export function adam(options: AdamOptions): Optimiser {
  checkOptions('adam', options, adamTable);
  return adamLike('adam', options, false);
}

/** AdamW: Adam whose weight decay, 0.01 by default, shrinks the parameters by `lr · λ` apart from the moments. Source: Loshchilov & Hutter 2019, algorithm 2. */
export function adamw(options: AdamOptions): Optimiser {
  checkOptions('adamw', options, adamTable);
  return adamLike('adamw', { ...options, weightDecay: options.weightDecay ?? 0.01 }, true);
}

function adamLike(name: string, options: AdamOptions, decoupled: boolean): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  requireFraction(name, 'beta1', beta1);
  requireFraction(name, 'beta2', beta2);
  requireNonNegative(name, 'epsilon', epsilon);
  const kept = { moment1: true, moment2: true, maxMoment2: amsgrad };
  return makeOptimiser(name, 'adam', options, kept, (weightDecay) => ({
    beta1,
    beta2,
    epsilon,
    weightDecay,
    decoupled,
  }));
}
