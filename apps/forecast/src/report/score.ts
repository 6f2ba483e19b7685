import { lastValue, seasonalNaive } from '@tempograd/nn';
import type { Bands } from '../model/band.js';
import type { Forecasts } from '../model/Forecaster.js';

/** How good forecasts were, over every origin of a part of the series and every step ahead. */
export interface Score {
  readonly name: string;
  /** Mean absolute error, in the units of the series. */
  readonly mae: number;
  /** That, over the error of the seasonal-naive forecast of one season ahead on the training part. Below 1 is better. */
  readonly mase: number;
  /** Share of values inside the band; null where there is none. */
  readonly coverage: number | null;
}

/** What is scored. */
export interface Scored {
  readonly values: readonly number[];
  readonly season: number;
  /** Steps trained on. */
  readonly training: number;
  /** Where the held-out part begins. Origins are the step before it and those after. */
  readonly test: number;
  readonly forecasts: Forecasts;
  readonly bands: Bands;
}

/** The model beside the two baselines, all on the same held-out values. */
export function scores({ values, season, training, test, forecasts, bands }: Scored): Score[] {
  const horizon = (forecasts[0] as readonly number[]).length;
  let scale = 0;
  for (let step = season; step < training; step++)
    scale += Math.abs((values[step] as number) - (values[step - season] as number));
  scale /= training - season;
  const score = (name: string, of: (origin: number) => ArrayLike<number>, within: Bands | null): Score => {
    let [sum, inside, count] = [0, 0, 0];
    for (let origin = test - 1; origin + horizon < values.length; origin++) {
      const forecast = of(origin);
      for (let ahead = 0; ahead < horizon; ahead++) {
        const error = Math.abs((forecast[ahead] as number) - (values[origin + ahead + 1] as number));
        sum += error;
        count++;
        if (error <= (within?.[origin]?.[ahead] ?? -1)) inside++;
      }
    }
    return { name, mae: sum / count, mase: sum / count / scale, coverage: within === null ? null : inside / count };
  };
  const history = (origin: number): readonly number[] => values.slice(0, origin + 1);
  return [
    score('GRU', (origin) => forecasts[origin] as readonly number[], bands),
    score('seasonal-naive', (origin) => seasonalNaive(history(origin), { season, steps: horizon }), null),
    score('last value', (origin) => lastValue(history(origin), { steps: horizon }), null),
  ];
}
