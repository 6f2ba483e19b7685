import type { Forecasts } from './Forecaster.js';

/** For each origin, of each step ahead, how far on either side of the forecast the band reaches. */
export type Bands = readonly (readonly number[] | null)[];

/** What bands are taken from. */
export interface BandOptions {
  /** The share of values that a band is to hold. */
  readonly share: number;
  /** The first origin that is not trained on: errors before it are too small to go by. */
  readonly from: number;
  /** How many errors are looked at, at most: the latest. */
  readonly latest: number;
}

/**
 * Bands that hold a share of the values, if errors go on as they were: of each step ahead a quantile of the absolute errors of the latest
 * forecasts whose values are known at the origin; null where there are none yet. Source: conformal prediction, Vovk et al. 2005, with the
 * rank ⌈(n + 1)·share⌉ of n errors.
 */
export function bandsOf(values: readonly number[], forecasts: Forecasts, options: BandOptions): Bands {
  const { share, from, latest } = options;
  const horizon = (forecasts[0] as readonly number[]).length;
  const errorAt = (origin: number, ahead: number): number =>
    Math.abs((forecasts[origin]?.[ahead] as number) - (values[origin + ahead + 1] as number));
  return values.map((_, now) => {
    const reaches = Array.from({ length: horizon }, (__, ahead) => {
      // The last origin whose value, so far ahead, has come.
      const last = now - ahead - 1;
      const errors: number[] = [];
      for (let origin = Math.max(from, last + 1 - latest); origin <= last; origin++)
        errors.push(errorAt(origin, ahead));
      errors.sort((a, b) => a - b);
      return errors[Math.min(errors.length, Math.ceil((errors.length + 1) * share)) - 1];
    });
    return reaches.every((reach) => reach !== undefined) ? reaches : null;
  });
}
