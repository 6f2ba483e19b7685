import {
  add,
  cast,
  disposeTree,
  equal,
  keep,
  mul,
  scope,
  select,
  shareTree,
  Tensor,
  type Update,
} from '@tempograd/core';
import { normaliser as reciprocal } from '../loss/index.js';
import type { Optimiser, OptimiserState } from '../optim/index.js';
import type { Clip } from './FitOptions.js';
import { prepareGradient } from './prepareGradient.js';

/** What is read back of an update. */
export interface ReadUpdate {
  /** The summed loss. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** How many losses that sums. */
  readonly items: number;
}

/**
 * Enqueues one update whole: normalises and clips the gradient, and lets the optimiser change the parameters unless loss or norm are
 * not finite or there is no loss in it, which the device finds out by itself. Gives what reads loss and norm back, when they are there.
 */
export function enqueueUpdate<P>(
  update: Update<P>,
  settings: {
    readonly params: P;
    readonly optimiser: Optimiser;
    readonly state: OptimiserState<P>;
    readonly clip: Clip | null;
    /** Losses of the update, taken over. */
    readonly count: Tensor | number;
    /** Divides the gradient; null for the count. */
    readonly normaliser: number | null;
  },
): Promise<ReadUpdate> {
  const { params, optimiser, state, clip, count, normaliser } = settings;
  const { norm, loss } = scope(() => {
    const prepared = prepareGradient(update.gradient, clip, factorOf(normaliser ?? count, update.loss));
    const finite = add(prepared.norm, mul(update.loss, 0));
    const none = typeof count === 'number' ? count === 0 : equal(count, 0);
    const guard = typeof none === 'boolean' ? (none ? add(finite, Infinity) : finite) : select(none, Infinity, finite);
    optimiser.update(params, prepared.clipped ?? update.gradient, state, { scale: prepared.scale, guard });
    return { norm: keep(prepared.norm), loss: shareTree(update.loss) };
  });
  const { backend } = norm;
  const read = async (): Promise<ReadUpdate> => {
    try {
      const [lossValue, gradientNorm, items] = await Promise.all([loss, norm, count].map(valueOf));
      return { loss: lossValue, gradientNorm, items } as ReadUpdate;
    } finally {
      disposeTree([norm, loss]);
      if (count instanceof Tensor) count.dispose();
    }
  };
  // Asked before all is handed in, so that the device gets it in one piece with the update.
  const answer = read();
  backend.flush?.();
  return answer;
}

/** One over it, 0 for 0. */
function factorOf(normaliser: Tensor | number, { dtype }: Tensor): Tensor | number {
  if (normaliser instanceof Tensor) return reciprocal(cast(normaliser, dtype));
  return normaliser === 0 ? 0 : 1 / normaliser;
}

async function valueOf(scalar: Tensor | number): Promise<number> {
  return typeof scalar === 'number' ? scalar : ((await scalar.read())[0] as number);
}
