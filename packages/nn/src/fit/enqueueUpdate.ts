import { add, disposeTree, keep, mul, scope, shareTree, type Update } from '@tempograd/core';
import type { Optimiser, OptimiserState } from '../optim/index.js';
import type { Clip } from './FitOptions.js';
import { prepareGradient } from './prepareGradient.js';

/** What is read back of an update. */
export interface ReadUpdate {
  /** The summed loss. */
  readonly loss: number;
  readonly gradientNorm: number;
}

/**
 * Enqueues one update whole: normalises and clips the gradient, and lets the optimiser change the parameters unless loss or norm are
 * not finite, which the device finds out by itself. Gives what reads loss and norm back, when they are there.
 */
export function enqueueUpdate<P>(
  update: Update<P>,
  settings: {
    readonly params: P;
    readonly optimiser: Optimiser;
    readonly state: OptimiserState<P>;
    readonly clip: Clip | null;
    /** Multiplies the gradient: one over the items of a full update. */
    readonly factor: number;
  },
): Promise<ReadUpdate> {
  const { params, optimiser, state, clip, factor } = settings;
  const { norm, loss } = scope(() => {
    const prepared = prepareGradient(update.gradient, clip, factor);
    const guard = add(prepared.norm, mul(update.loss, 0));
    optimiser.update(params, prepared.clipped ?? update.gradient, state, { scale: prepared.scale, guard });
    return { norm: keep(prepared.norm), loss: shareTree(update.loss) };
  });
  const { backend } = norm;
  const read = async (): Promise<ReadUpdate> => {
    try {
      const [[lossValue], [gradientNorm]] = (await Promise.all([loss.read(), norm.read()])) as unknown as [
        [number],
        [number],
      ];
      return { loss: lossValue, gradientNorm };
    } finally {
      disposeTree([norm, loss]);
    }
  };
  // Asked before all is handed in, so that the device gets it in one piece with the update.
  const answer = read();
  backend.flush?.();
  return answer;
}
