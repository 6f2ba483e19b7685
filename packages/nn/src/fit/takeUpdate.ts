import {
  globalNorm,
  keep,
  mul,
  scalar,
  scope,
  disposeTree,
  treeLeaves,
  type FloatDType,
  type Tensor,
  type Update,
} from '@tempograd/core';
import { clipByGlobalNorm, clipByValue, type Optimiser, type OptimiserState } from '../optim/index.js';
import type { Clip } from './FitOptions.js';

/** A gradient made ready: what the optimiser is to be given, and the norm before clipping. */
interface Prepared<P> {
  readonly norm: Tensor;
  /** Null for the strategy's own gradient. */
  readonly clipped: P | null;
  readonly scale: Tensor | null;
}

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
  const prepared = scope(() => keep(prepare(update.gradient, clip, factor)));
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

function prepare<P>(gradient: P, clip: Clip | null, factor: number): Prepared<P> {
  if (clip !== null && 'norm' in clip) return { clipped: null, ...clipByGlobalNorm(gradient, clip.norm, factor) };
  const norm = mul(globalNorm(gradient), factor);
  if (clip !== null) return { norm, clipped: clipByValue(gradient, clip.value, factor), scale: null };
  const { dtype, backend } = treeLeaves(gradient)[0] as Tensor;
  return { norm, clipped: null, scale: scalar(factor, { dtype: dtype as FloatDType, backend }) };
}
