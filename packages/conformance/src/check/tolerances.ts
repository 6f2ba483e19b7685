import type { FloatDType } from '@tempograd/core/backend';

/** How errors of a kind of op grow. */
export type OpClass =
  'exact' | 'elementwise' | 'product' | 'longSum' | 'normalised' | 'recurrent' | 'strategy' | 'optimiser';

/** What is compared: a value with its closed form or the oracle's, a gradient with the oracle's, or a derivative with finite differences. */
export type Measure = 'value' | 'gradient' | 'differences';

/** A bound on an error, and why it is this one. */
export interface Tolerance {
  readonly bound: number;
  readonly reason: string;
}

const exact: Tolerance = { bound: 0, reason: 'it moves or picks elements, and does no arithmetic that could round' };

const f32Differences: Tolerance = {
  bound: 2e-3,
  reason:
    'a step of 1/64 divides rounding errors of 6e-8 in hundreds of sums; what Richardson extrapolation leaves is smaller',
};

const f64Differences: Tolerance = {
  bound: 1e-7,
  reason:
    'a step of 1/8192 divides rounding errors of 1e-16; what Richardson extrapolation leaves is smaller, save in long chains',
};

const f32 = 'f32 rounds at 6e-8';
const f64 = 'f64 rounds at 1e-16';

/**
 * Every tolerance of the suite, save those of `halfStorageTolerances`. Errors are relative: elementwise to the expected number, all else to the largest expected number
 * of the tensor, because sums lose digits to their largest terms. Numbers under 0.01 count as 0.01.
 */
export const tolerances: Readonly<Record<FloatDType, Readonly<Record<OpClass, Readonly<Record<Measure, Tolerance>>>>>> =
  {
    f32: {
      exact: {
        value: exact,
        gradient: {
          bound: 5e-6,
          reason: `${f32}; repeated rows and broadcasts are sums of dozens of terms, which may cancel`,
        },
        differences: f32Differences,
      },
      elementwise: {
        value: {
          bound: 1e-5,
          reason: `${f32}; polynomial and hardware exp, tanh, sin and pow are good to tens of roundings`,
        },
        gradient: { bound: 3e-5, reason: `${f32}; a few elementwise factors, then a sum over broadcast axes` },
        differences: f32Differences,
      },
      product: {
        value: { bound: 1e-5, reason: `${f32}; sums of up to a thousand terms in any order` },
        gradient: { bound: 2e-5, reason: `${f32}; two products, one after the other` },
        differences: f32Differences,
      },
      longSum: {
        value: {
          bound: 1e-4,
          reason: `${f32}; tens of thousands of terms one after the other, though sums in pairs do better`,
        },
        gradient: { bound: 2e-5, reason: `${f32}; as product` },
        differences: f32Differences,
      },
      normalised: {
        value: { bound: 2e-5, reason: `${f32}; a sum, an exponential or square root, and a quotient` },
        gradient: { bound: 5e-5, reason: `${f32}; differences of nearly equal sums` },
        differences: f32Differences,
      },
      recurrent: {
        value: { bound: 3e-5, reason: `${f32}; each step adds a product and gates to the error carried so far` },
        gradient: {
          bound: 2e-4,
          reason: `${f32}; errors of the forward pass and of the backward pass multiply over the steps`,
        },
        differences: { bound: 5e-3, reason: `${f32Differences.reason}; the error of a whole segment's values enters` },
      },
      strategy: {
        value: { bound: 5e-5, reason: `${f32}; a sum of losses over a recurrence` },
        gradient: { bound: 3e-4, reason: `${f32}; as recurrent, with a loss on top and intervals added up` },
        differences: { bound: 5e-3, reason: f32Differences.reason },
      },
      optimiser: {
        value: { bound: 1e-5, reason: `${f32}; a few elementwise operations a step, a few steps` },
        gradient: { bound: 1e-5, reason: f32 },
        differences: f32Differences,
      },
    },
    f64: {
      exact: {
        value: exact,
        gradient: { bound: 1e-14, reason: `${f64}; repeated rows and broadcasts are summed` },
        differences: f64Differences,
      },
      elementwise: {
        value: { bound: 1e-14, reason: `${f64}; within tens of roundings` },
        gradient: { bound: 1e-13, reason: `${f64}; a few elementwise factors, then a sum` },
        differences: f64Differences,
      },
      product: {
        value: { bound: 1e-13, reason: `${f64}; sums of up to a thousand terms in any order` },
        gradient: { bound: 1e-13, reason: `${f64}; two products, one after the other` },
        differences: f64Differences,
      },
      longSum: {
        value: { bound: 1e-12, reason: `${f64}; tens of thousands of terms one after the other` },
        gradient: { bound: 1e-13, reason: `${f64}; as product` },
        differences: f64Differences,
      },
      normalised: {
        value: { bound: 1e-13, reason: `${f64}; a sum, an exponential or square root, and a quotient` },
        gradient: { bound: 1e-12, reason: `${f64}; differences of nearly equal sums` },
        differences: f64Differences,
      },
      recurrent: {
        value: { bound: 1e-13, reason: `${f64}; errors are carried from step to step` },
        gradient: { bound: 1e-12, reason: `${f64}; errors of both passes multiply over the steps` },
        differences: f64Differences,
      },
      strategy: {
        value: { bound: 1e-12, reason: `${f64}; a sum of losses over a recurrence` },
        gradient: { bound: 1e-12, reason: `${f64}; the mask of the credit matrix says exactly which terms are summed` },
        differences: f64Differences,
      },
      optimiser: {
        value: { bound: 1e-13, reason: `${f64}; a few elementwise operations a step` },
        gradient: { bound: 1e-13, reason: f64 },
        differences: f64Differences,
      },
    },
  };
