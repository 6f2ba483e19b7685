import type { FloatDType } from '@tempograd/core/backend';
import { tolerances, type Measure, type OpClass, type Tolerance } from './tolerances.js';

/**
 * What a backend promises of f32: `full`, or that segments keep weights and what they save for the way back in f16, and
 * compute in f32 all the same.
 */
export type Precision = 'full' | 'f16 storage';

export const precisions: readonly Precision[] = ['full', 'f16 storage'];

const f16 = 'weights of the recurrence are rounded at 2.4e-4, and so are the gates and cells that are saved';

const segment: Readonly<Record<Measure, Tolerance>> = {
  value: { bound: 2e-3, reason: `${f16}; a sum over the units keeps such an error small, each step adds its own` },
  gradient: { bound: 5e-3, reason: `${f16}; errors of both passes multiply over the steps` },
  differences: {
    bound: 2e-2,
    reason: `${f16}; a weight that is moved by 1/64 moves in steps of up to 1/2048 of itself, so that the quotient is off by hundredths`,
  },
};

/** The tolerances of what runs segments, where they keep f16; all else is held to those of `full`. */
export const halfStorageTolerances: Readonly<Partial<Record<OpClass, Readonly<Record<Measure, Tolerance>>>>> = {
  recurrent: segment,
  strategy: segment,
};

/** The tolerance of a comparison. */
export function toleranceOf(precision: Precision, dtype: FloatDType, opClass: OpClass, measure: Measure): Tolerance {
  const looser = precision === 'f16 storage' && dtype === 'f32' ? halfStorageTolerances[opClass] : undefined;
  return (looser ?? tolerances[dtype][opClass])[measure];
}
