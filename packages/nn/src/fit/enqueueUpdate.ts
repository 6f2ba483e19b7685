import {
  add,
  disposeTree,
  equal,
  keep,
  mul,
  scope,
  select,
  shareTree,
  sub,
  type Tensor,
  treeMap,
  treeZip,
  type Key,
} from '@tempograd/core';
import { sgd, type Optimiser, type OptimiserState } from '../optim/index.js';
import type { Clip } from './FitOptions.js';
import { releaseCounts, type StepGradient } from './GradientSum.js';
import { noisy } from './noisy.js';
import { factorOf, prepareGradient } from './prepareGradient.js';

/** What is read back of a step. */
export interface ReadUpdate {
  /** The summed loss. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** How many losses that sums. */
  readonly items: number;
  /** What the gradient was divided by. */
  readonly normaliser: number;
}

/** What a step is taken with. */
export interface StepSettings<P> {
  readonly params: P;
  readonly optimiser: Optimiser;
  readonly state: OptimiserState<P>;
  readonly clip: Clip | null;
  /** Noise to add to the gradient, once clipped; null for none. */
  readonly noise: { readonly deviation: number; readonly key: Key } | null;
  /** A tree that follows the parameters by `share` of the way; null for none. */
  readonly average: { readonly params: P; readonly share: number } | null;
}

/** Moves a tree by a share of the way to another. */
const follow = sgd({ learningRate: 1 });

/**
 * Enqueues one step whole: normalises and clips the gradient, and lets the optimiser change the parameters unless loss or norm are
 * not finite or there is no loss in it, which the device finds out by itself. Gives what reads loss and norm back, when they are
 * there. Borrows the gradient and the loss, and takes count and normaliser over.
 */
export function enqueueUpdate<P>(step: StepGradient<P>, settings: StepSettings<P>): Promise<ReadUpdate> {
  const { gradient, count, normaliser } = step;
  const { params, optimiser, state, clip, noise, average } = settings;
  const { norm, loss } = scope(() => {
    const prepared = prepareGradient(gradient, clip, factorOf(normaliser, step.loss));
    const finite = add(prepared.norm, mul(step.loss, 0));
    const none = typeof count === 'number' ? count === 0 : equal(count, 0);
    const guard = typeof none === 'boolean' ? (none ? add(finite, Infinity) : finite) : select(none, Infinity, finite);
    const { clipped, scale } = prepared;
    if (noise === null) optimiser.update(params, clipped ?? gradient, state, { scale, guard });
    else {
      const scaled = clipped ?? scaledBy(gradient, scale);
      const disturbed = noisy(scaled, noise.deviation, noise.key);
      optimiser.update(params, disturbed, state, { guard });
      disposeTree(disturbed);
    }
    if (average !== null) {
      const away = treeZip(average.params, params, sub);
      follow.update(average.params, away, { step: 0, moments: {} }, { scale: average.share, guard });
    }
    return { norm: keep(prepared.norm), loss: shareTree(step.loss) };
  });
  const { backend } = norm;
  const read = async (): Promise<ReadUpdate> => {
    try {
      const asked = [loss, norm, count, ...(normaliser === count ? [] : [normaliser])];
      const [lossValue, gradientNorm, items, divisor = items] = (await Promise.all(asked.map(valueOf))) as [
        number,
        number,
        number,
        number?,
      ];
      return { loss: lossValue, gradientNorm, items, normaliser: divisor };
    } finally {
      disposeTree([norm, loss]);
      releaseCounts(step);
    }
  };
  // Asked before all is handed in, so that the device gets it in one piece with the update.
  const answer = read();
  backend.flush?.();
  return answer;
}

function scaledBy<P>(gradient: P, scale: Tensor | null): P {
  return scale === null ? gradient : treeMap(gradient, (leaf) => mul(leaf, scale));
}

async function valueOf(scalar: Tensor | number): Promise<number> {
  return typeof scalar === 'number' ? scalar : ((await scalar.read())[0] as number);
}
