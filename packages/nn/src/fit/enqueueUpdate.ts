import {
  add,
  disposeTree,
  equal,
  mul,
  scalar,
  scope,
  select,
  shareTree,
  sub,
  Tensor,
  treeMap,
  treeZip,
  type FloatDType,
  type Key,
} from '@tempograd/core';
import { sgd, type Optimiser, type OptimiserState } from '../optim/index.js';
import { known, type Scalar } from '../optim/scalars.js';
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
 * not finite or there is no loss in it. Where nothing can be read at once the device finds that out by itself. Gives what reads loss
 * and norm back, when they are there. Borrows the gradient and the loss, and takes count and normaliser over.
 */
export function enqueueUpdate<P>(step: StepGradient<P>, settings: StepSettings<P>): Promise<ReadUpdate> {
  const { count, normaliser } = step;
  const { gradient } = step.update;
  const { params, optimiser, state, clip, noise, average } = settings;
  const asked = scope(() => {
    const prepared = prepareGradient(gradient, clip, factorOf(normaliser, step.update.loss));
    const { norm, clipped } = prepared;
    const loss = known(step.update.loss);
    const guard = guardOf(norm, loss, count);
    const isHeld = guard === 'refused';
    // Where the update is refused, the factor may be none that an optimiser takes.
    const scale = isHeld ? 1 : prepared.scale;
    const options = { scale, guard: isHeld ? refusal(step.update.loss) : guard };
    if (noise === null) optimiser.update(params, clipped ?? gradient, state, options);
    else {
      const disturbed = noisy(clipped ?? scaledBy(gradient, scale), noise.deviation, noise.key);
      optimiser.update(params, disturbed, state, { guard: options.guard });
      disposeTree(disturbed);
    }
    if (average !== null) {
      const away = treeZip(average.params, params, sub);
      const share = { scale: average.share, guard: options.guard };
      follow.update(average.params, away, { step: 0, moments: {} }, share);
    }
    return { loss: kept(loss), norm: kept(norm) };
  });
  // Asked before all is handed in, so that the device gets it in one piece with the update.
  const answer = answerOf(step, asked.loss, asked.norm);
  step.update.loss.backend.flush?.();
  return answer;
}

/**
 * A scalar that is not finite where the update may change nothing, found on the device. Where all is known here, null for an update to
 * be taken, and a word for one that is not.
 */
function guardOf(norm: Scalar, loss: Scalar, count: Scalar): Tensor | 'refused' | null {
  if (typeof norm === 'number' && typeof loss === 'number' && typeof count === 'number')
    return Number.isFinite(norm) && Number.isFinite(loss) && count !== 0 ? null : 'refused';
  const finite = add(norm, mul(loss, 0));
  if (typeof count === 'number') return count === 0 ? add(finite, Infinity) : finite;
  return select(equal(count, 0), Infinity, finite);
}

function refusal({ dtype, backend }: Tensor): Tensor {
  return scalar(Infinity, { dtype: dtype as FloatDType, backend });
}

/** Of no scope: until the answer is there. */
function kept(x: Scalar): Scalar {
  return typeof x === 'number' ? x : shareTree(x);
}

/** Reads what is asked of a step, and lets go of it. */
async function answerOf<P>(step: StepGradient<P>, loss: Scalar, norm: Scalar): Promise<ReadUpdate> {
  const { count, normaliser } = step;
  try {
    if (
      typeof loss === 'number' &&
      typeof norm === 'number' &&
      typeof count === 'number' &&
      typeof normaliser === 'number'
    )
      return { loss, gradientNorm: norm, items: count, normaliser };
    const asked = [loss, norm, count, ...(normaliser === count ? [] : [normaliser])];
    const [lossValue, gradientNorm, items, divisor = items] = (await Promise.all(asked.map(valueOf))) as [
      number,
      number,
      number,
      number?,
    ];
    return { loss: lossValue, gradientNorm, items, normaliser: divisor };
  } finally {
    if (loss instanceof Tensor) loss.dispose();
    if (norm instanceof Tensor) norm.dispose();
    releaseCounts(step);
  }
}

function scaledBy<P>(gradient: P, scale: Scalar | null): P {
  return scale === null ? gradient : treeMap(gradient, (leaf) => mul(leaf, scale));
}

async function valueOf(x: Scalar): Promise<number> {
  return typeof x === 'number' ? x : ((await x.read())[0] as number);
}
