import { cast, globalNorm, mul, scalar, Tensor, treeLeaves, type FloatDType } from '@tempograd/core';
import { normaliser as reciprocal } from '../loss/index.js';
import { clipByGlobalNorm, clipByValue } from '../optim/index.js';
import type { Clip } from './FitOptions.js';

/** A gradient made ready: what the optimiser is to be given, and the norm before clipping. */
export interface PreparedGradient<P> {
  readonly norm: Tensor;
  /** Null for the strategy's own gradient. */
  readonly clipped: P | null;
  /** What the optimiser multiplies the gradient by; null for 1. */
  readonly scale: Tensor | null;
}

/** Multiplies a gradient by `factor` and clips it, as far as that is not left to the optimiser. Results belong to the caller's scope. */
export function prepareGradient<P>(gradient: P, clip: Clip | null, factor: Tensor | number): PreparedGradient<P> {
  if (clip !== null && 'norm' in clip) return { clipped: null, ...clipByGlobalNorm(gradient, clip.norm, factor) };
  const norm = mul(globalNorm(gradient), factor);
  if (clip !== null) return { norm, clipped: clipByValue(gradient, clip.value, factor), scale: null };
  if (typeof factor !== 'number') return { norm, clipped: null, scale: factor };
  const { dtype, backend } = treeLeaves(gradient)[0] as Tensor;
  return { norm, clipped: null, scale: scalar(factor, { dtype: dtype as FloatDType, backend }) };
}

/** What the gradient of a summed loss is multiplied by: one over the normaliser, 0 for 0. Of the caller's scope. */
export function factorOf(normaliser: Tensor | number, { dtype }: Tensor): Tensor | number {
  if (normaliser instanceof Tensor) return reciprocal(cast(normaliser, dtype));
  return normaliser === 0 ? 0 : 1 / normaliser;
}
