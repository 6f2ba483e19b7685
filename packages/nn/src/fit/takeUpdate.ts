import { disposeTree, keep, scope, type Update } from '@tempograd/core';
import type { Optimiser, OptimiserState } from '../optim/index.js';
import type { Clip } from './FitOptions.js';
import { prepareGradient } from './prepareGradient.js';

/** What was read back of an update. */
export interface ReadUpdate {
  /** The summed loss. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly items: number;
}

/**
 * Takes one update: normalises and clips the gradient, reads loss and norm back together, and, unless `refuse` rejects what they
 * are, lets the optimiser change the parameters.
 */
export async function takeUpdate<P>(
  update: Update<P>,
  settings: {
    readonly params: P;
    readonly optimiser: Optimiser;
    readonly state: OptimiserState<P>;
    readonly clip: Clip | null;
    /** Multiplies the gradient: one over the items of a full update. */
    readonly factor: number;
    readonly items: Promise<number>;
    /** Called with numbers that are not finite; throws. */
    readonly refuse: (read: ReadUpdate) => Promise<never>;
  },
): Promise<ReadUpdate> {
  const { params, optimiser, state, clip, factor, refuse } = settings;
  const prepared = scope(() => keep(prepareGradient(update.gradient, clip, factor)));
  try {
    const [[loss], [gradientNorm], items] = (await Promise.all([
      update.loss.read(),
      prepared.norm.read(),
      settings.items,
    ])) as unknown as [[number], [number], number];
    const read = { loss, gradientNorm, items };
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) await refuse(read);
    const gradient = prepared.clipped ?? update.gradient;
    scope(() => optimiser.update(params, gradient, state, { scale: prepared.scale }));
    return read;
  } finally {
    disposeTree([prepared.norm, prepared.clipped, prepared.scale]);
  }
}
