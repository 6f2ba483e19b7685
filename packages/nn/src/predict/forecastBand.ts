import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from '../data/index.js';

/** Forecasts of what has come to be known, on data that the model was not trained on. */
export interface ForecastBandOptions {
  /** One for each time that was forecast from: the steps ahead, as `predictor.forecast` gives them. */
  readonly forecasts: readonly ArrayLike<number>[];
  /** What came instead, in the same order; NaN where it is not known. */
  readonly actuals: readonly ArrayLike<number>[];
  /** Share of what comes that shall lie in the band; default is 0.9. */
  readonly coverage?: number;
}

const bandTable = optionTable<ForecastBandOptions>({
  forecasts: required('array'),
  actuals: required('array'),
  coverage: 'number',
});

/** How far from forecasts what comes may lie. */
export interface ForecastBand {
  readonly coverage: number;
  /** What to add to a forecast at each step ahead for the band's lower end. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The band of a forecast, as long as those it was made of or shorter. */
  around(forecast: ArrayLike<number>): { readonly lower: Float64Array; readonly upper: Float64Array };
}

/**
 * A band for forecasts, of the errors that such forecasts made: at each step ahead those quantiles of them between which, whatever
 * their distribution, at least `coverage` of new errors lie, as long as these come as those came (split conformal prediction; the
 * two ends apart, so that the band may be skewed). Sources: Vovk, Gammerman & Shafer 2005; Lei et al. 2018.
 * @throws DataError when there are too few forecasts for such a coverage; ArgumentError when the lists do not match.
 */
export function forecastBand(options: ForecastBandOptions): ForecastBand {
  checkOptions('forecastBand', options, bandTable);
  const { forecasts, actuals, coverage = 0.9 } = options;
  if (!(coverage > 0 && coverage < 1))
    throw new ArgumentError(`forecastBand: coverage must lie in (0, 1), but is ${coverage}.`);
  const steps = forecasts[0]?.length ?? 0;
  const matches =
    forecasts.length === actuals.length && [...forecasts, ...actuals].every(({ length }) => length === steps);
  if (!matches || steps === 0)
    throw new ArgumentError('forecastBand: wanted are forecasts, one or more, and as many actuals, all of one length.');
  const [lower, upper] = [new Float64Array(steps), new Float64Array(steps)];
  for (let step = 0; step < steps; step++) {
    const errors = Float64Array.from(
      forecasts,
      (each, index) => (actuals[index]?.[step] as number) - (each[step] as number),
    )
      .filter((error) => !Number.isNaN(error))
      .sort();
    // Of n errors and one that comes, each place in their order is as likely for the one.
    const outside = ((1 - coverage) / 2) * (errors.length + 1);
    const rank = Math.floor(outside + 1e-9);
    if (rank < 1) {
      const fewest = Math.ceil(2 / (1 - coverage) - 1 - 1e-9);
      throw new DataError(
        `forecastBand: a coverage of ${coverage} takes ${fewest} forecasts or more, but there are ${errors.length} at step ${step + 1} ahead. ` +
          'Forecast from more times, or ask for less.',
      );
    }
    lower[step] = errors[rank - 1] as number;
    upper[step] = errors[errors.length - rank] as number;
  }
  return {
    coverage,
    lower,
    upper,
    around(forecast) {
      if (forecast.length > steps)
        throw new ArgumentError(
          `forecastBand: the band is for ${steps} steps ahead, but the forecast has ${forecast.length}.`,
        );
      const shifted = (by: Float64Array): Float64Array =>
        Float64Array.from(forecast, (value, step) => value + (by[step] as number));
      return { lower: shifted(lower), upper: shifted(upper) };
    },
  };
}
