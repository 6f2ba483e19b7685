import { formatShape, sameShape } from '@tempograd/core/backend';
import type { HostArray } from '../host/HostArray.js';
import { ConformanceError } from './ConformanceError.js';

/** How far a number may be from the expected one counts relative to this. */
export type Scale = 'exact' | 'element' | 'tensor';

/** The largest error of a tensor and where it is. */
export interface WorstElement {
  readonly error: number;
  readonly index: number;
}

/** Below this size errors count absolutely, as a share of it: terms of order 1 may cancel to nothing. */
export const smallest = 0.01;

/**
 * The largest error of `actual`, as `tolerances` counts errors. NaN and infinity are right only where they are expected.
 * @throws ConformanceError when the shapes differ.
 */
export function errorOf(actual: HostArray, expected: HostArray, scale: Scale): WorstElement {
  if (!sameShape(actual.shape, expected.shape) || actual.values.length !== expected.values.length) {
    throw new ConformanceError(
      `the shape is ${formatShape(actual.shape)} (${actual.values.length} elements), expected ${formatShape(expected.shape)}`,
    );
  }
  const largest = scale === 'tensor' ? largestOf(expected.values) : 0;
  let worst: WorstElement = { error: 0, index: 0 };
  for (let index = 0; index < expected.values.length; index++) {
    const wanted = expected.values[index] as number;
    const size = Math.max(scale === 'tensor' ? largest : Math.abs(wanted), smallest);
    const error = elementError(actual.values[index] as number, wanted, scale, size);
    if (error > worst.error) worst = { error, index };
  }
  return worst;
}

/** The largest finite absolute value; 0 where there is none. */
function largestOf(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

function elementError(actual: number, expected: number, scale: Scale, size: number): number {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return 0;
  if (scale === 'exact' || !Number.isFinite(actual) || !Number.isFinite(expected)) return Infinity;
  return Math.abs(actual - expected) / size;
}
