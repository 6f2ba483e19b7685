import { forecastBand } from '@tempograd/nn';
import type { Forecasts } from './Forecaster.js';

/** Where a forecast's values are to lie, step by step. */
export interface Band {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
}

/** What bands are taken from. */
export interface BandOptions {
  /** The share of values that a band is to hold. */
  readonly share: number;
  /** The first origin that is not trained on: errors before it are too small to go by. */
  readonly from: number;
  /** The first origin that a band is wanted for. */
  readonly to: number;
  /** How many forecasts are looked at, at most: the latest. */
  readonly latest: number;
}

/** For each origin from `to` on the band around its forecast, made of the errors that are known by then of the forecasts before it. */
export function bandsOf(
  values: readonly number[],
  forecasts: Forecasts,
  { share, from, to, latest }: BandOptions,
): ReadonlyMap<number, Band> {
  const bands = new Map<number, Band>();
  for (let now = to; now < values.length; now++) {
    const first = Math.max(from, now - latest);
    const before = forecasts.slice(first, now);
    // What has not come by now is not known.
    const actuals = before.map((forecast, index) =>
      forecast.map((_, ahead) =>
        first + index + ahead + 1 <= now ? (values[first + index + ahead + 1] as number) : NaN,
      ),
    );
    const band = forecastBand({ forecasts: before, actuals, coverage: share });
    bands.set(now, band.around(forecasts[now] as readonly number[]));
  }
  return bands;
}
