import { cast, globalNorm, Tensor } from '@tempograd/core';
import { normaliser as reciprocal } from '../loss/index.js';
import { clipByValue, clippedScale } from '../optim/clip.js';
import { known, rounded, times, type Scalar } from '../optim/scalars.js';
import type { Clip } from './FitOptions.js';

/** A gradient made ready: what the optimiser is to be given, and the norm before clipping. */
export interface PreparedGradient<P> {
  readonly norm: Scalar;
  /** Null for the strategy's own gradient. */
  readonly clipped: P | null;
  /** What the optimiser multiplies the gradient by; null for 1. */
  readonly scale: Scalar | null;
}

/** Multiplies a gradient by `factor` and clips it, as far as that is not left to the optimiser. Tensors belong to the caller's scope. */
export function prepareGradient<P>(gradient: P, clip: Clip | null, factor: Scalar): PreparedGradient<P> {
  const whole = globalNorm(gradient);
  const { dtype } = whole;
  const norm = times(known(whole), factor, dtype);
  if (clip === null)
    return { norm, clipped: null, scale: typeof factor === 'number' ? rounded(factor, dtype) : factor };
  if ('norm' in clip) return { norm, clipped: null, scale: clippedScale(norm, clip.norm, factor, dtype) };
  return { norm, clipped: clipByValue(gradient, clip.value, factor), scale: null };
}

/** What the gradient of a summed loss is multiplied by: one over the normaliser, 0 for 0. Of the caller's scope. */
export function factorOf(normaliser: Scalar, { dtype }: Tensor): Scalar {
  if (normaliser instanceof Tensor) return reciprocal(cast(normaliser, dtype));
  return normaliser === 0 ? 0 : 1 / normaliser;
}
