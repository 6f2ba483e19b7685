import {
  ArgumentError,
  globalNorm,
  maximum,
  minimum,
  mul,
  requireTensor,
  scope,
  treeMap,
  type Tensor,
} from '@tempograd/core';
import type { DType } from '@tempograd/core/backend';
import { known, least, over, plus, tensorOf, times, type Scalar } from './scalars.js';

/** What clipping by global norm found, both scalars in the caller's scope; neither needs to be read back before the update. */
export interface ClippedNorm {
  /** The norm BEFORE clipping, of the gradient times the given scale. */
  readonly norm: Tensor;
  /** For `update(…, { scale })`: the given scale times the clipping coefficient. */
  readonly scale: Tensor;
}

/**
 * Clips a gradient by its global norm: `‖g‖ = √Σ g²` over all tensors together, and the factor `min(1, maxNorm / (‖g‖ + 1e-6))`
 * that the optimiser multiplies by. The direction stays. With `scale`, the gradient meant is `scale · g`, such as a mean over losses.
 * Source: Pascanu, Mikolov & Bengio 2013, algorithm 1, with PyTorch's 1e-6.
 */
export function clipByGlobalNorm(gradient: unknown, maxNorm: number, scale: Tensor | number = 1): ClippedNorm {
  requirePositive('clipByGlobalNorm', 'maxNorm', maxNorm);
  requireScale('clipByGlobalNorm', scale);
  return scope(() => {
    const whole = globalNorm(gradient);
    const { dtype } = whole;
    const norm = typeof scale === 'number' ? times(known(whole), scale, dtype) : mul(whole, scale);
    const clipped = clippedScale(norm, maxNorm, scale, dtype);
    return { norm: tensorOf(norm, whole), scale: tensorOf(clipped, whole) };
  });
}

/** The given scale times the clipping coefficient of a norm. */
export function clippedScale(norm: Scalar, maxNorm: number, scale: Scalar, dtype: DType): Scalar {
  return times(least(over(maxNorm, plus(norm, 1e-6, dtype), dtype), 1, dtype), scale, dtype);
}

/** A new gradient with each element of `scale · g` moved into [−limit, limit]. This changes the direction. */
export function clipByValue<T>(gradient: T, limit: number, scale: Tensor | number = 1): T {
  requirePositive('clipByValue', 'limit', limit);
  requireScale('clipByValue', scale);
  return scope(() =>
    treeMap(gradient, (leaf) => maximum(minimum(scale === 1 ? leaf : mul(leaf, scale), limit), -limit)),
  );
}

function requirePositive(name: string, what: string, value: number): void {
  if (!(value > 0)) throw new ArgumentError(`${name}: ${what} must be above 0, but is ${value}.`);
}

function requireScale(name: string, scale: Tensor | number): void {
  if (typeof scale !== 'number') requireTensor(name, 'scale', scale);
}
