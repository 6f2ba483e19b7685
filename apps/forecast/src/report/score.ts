import { backtest, lastValue, seasonalNaive } from '@tempograd/nn';
import type { Band } from '../model/bands.js';
import type { Forecasts } from '../model/Forecaster.js';

/** How good forecasts were, over every origin of the held-out part and every step ahead. */
export interface Score {
  readonly name: string;
  /** Mean absolute error, in the units of the series. */
  readonly mae: number;
  /** That, over the error of the seasonal-naive forecast before the held-out part. Below 1 is better. */
  readonly mase: number;
  /** Share of values inside the band; null where there is none. */
  readonly coverage: number | null;
}

/** What is scored. */
export interface Scored {
  readonly values: readonly number[];
  readonly season: number;
  /** Where the held-out part begins; the first forecast of it is made from the step before. */
  readonly test: number;
  readonly forecasts: Forecasts;
  readonly bands: ReadonlyMap<number, Band>;
}

/** The model beside the two naive forecasts, all on the same held-out values. */
export async function scores({ values, season, test, forecasts, bands }: Scored): Promise<Score[]> {
  const steps = (forecasts[0] as readonly number[]).length;
  const options = { from: test, season };
  const model = await backtest(values, ({ length }) => forecasts[length - 1] as readonly number[], options);
  const naive = await backtest(values, (history) => seasonalNaive(history, { season, steps }), options);
  const last = await backtest(values, (history) => lastValue(history, { steps }), options);
  const inside = model.actuals.flatMap((actual, index) => {
    const { lower, upper } = bands.get(test - 1 + index) as Band;
    return Array.from(actual, (value, ahead) =>
      Number(value >= (lower[ahead] as number) && value <= (upper[ahead] as number)),
    );
  });
  const coverage = inside.reduce((sum, one) => sum + one, 0) / inside.length;
  return [
    { name: 'GRU', mae: model.mae, mase: model.mase, coverage },
    { name: 'seasonal-naive', mae: naive.mae, mase: naive.mase, coverage: null },
    { name: 'last value', mae: last.mae, mase: last.mase, coverage: null },
  ];
}
