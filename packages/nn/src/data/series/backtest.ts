import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { describe } from '../describe.js';
import { numbersOf } from './Series.js';

/** Where to forecast from. */
export interface BacktestOptions {
  /** The first step to forecast; what comes before it is known, and what errors are measured against. */
  readonly from: number;
  /** Steps from one forecast to the next; default is 1. */
  readonly stride?: number;
  /** Steps of a season, for `mase`; default is 1. */
  readonly season?: number;
}

/** How wrong forecasts were. */
export interface Backtest {
  /** Each that was made, in the order of time. */
  readonly forecasts: readonly Float64Array[];
  /** What came instead; `forecastBand({ forecasts, actuals })` makes a band of these for forecasts to come. */
  readonly actuals: readonly Float64Array[];
  /** Mean absolute error over all steps of all of them. */
  readonly mae: number;
  /** Root mean squared error. */
  readonly rmse: number;
  /** `mae` over the mean absolute error of the seasonal-naive forecast on what comes before `from`: below 1 is better than that. No finite number where that forecast is exact, or `from` no later than a season. */
  readonly mase: number;
  /** `mae` of each step ahead, the nearest first; NaN for one that could not be compared. */
  readonly maeByStep: readonly number[];
}

const backtestTable = optionTable<BacktestOptions>({ from: required('number'), stride: 'number', season: 'number' });

/**
 * Forecasts a series again and again as it would have been: `forecast` gets what is known up to a step, and gives the steps after it,
 * as many each time. The same for a model and for the naive forecasts it must beat. Missing values, NaN, are not compared with.
 *
 * `await backtest(series, (history) => seasonalNaive(history, { season: 12, steps: 12 }), { from: 200, season: 12 })`
 * @throws DataError for a series too short for one forecast, or a forecast that is not as it must be.
 */
export async function backtest(
  series: ArrayLike<number>,
  forecast: (history: Float64Array) => ArrayLike<number> | Promise<ArrayLike<number>>,
  options: BacktestOptions,
): Promise<Backtest> {
  checkOptions('backtest', options, backtestTable);
  const { from, stride = 1, season = 1 } = options;
  for (const [name, value] of Object.entries({ from, stride, season })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ArgumentError(`backtest: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  if (typeof forecast !== 'function')
    throw new ArgumentError(`backtest: the forecast must be a function of the history, but is ${describe(forecast)}.`);
  const values = numbersOf('backtest', 'series', series);
  const forecasts: Float64Array[] = [];
  const actuals: Float64Array[] = [];
  for (let origin = from, steps = 1; origin + steps <= values.length; origin += stride) {
    const given = await forecast(values.slice(0, origin));
    steps = requireSteps(given, forecasts[0]?.length ?? null, origin);
    if (origin + steps > values.length) break;
    forecasts.push(Float64Array.from(given));
    actuals.push(values.slice(origin, origin + steps));
  }
  const errors = forecasts.map((each, at) => each.map((value, step) => value - (actuals[at]?.[step] as number)));
  const all = errors.flatMap((each) => Array.from(each)).filter((error) => !Number.isNaN(error));
  if (all.length === 0)
    throw new DataError(
      `backtest: of ${values.length} steps there are too few after step ${from} to compare a forecast with.`,
    );
  const mae = meanAbsolute(all);
  return {
    forecasts,
    actuals,
    mae,
    rmse: Math.sqrt(all.reduce((sum, error) => sum + error * error, 0) / all.length),
    mase: mae / naiveError(values.subarray(0, from), season),
    maeByStep: Array.from(errors[0] as Float64Array, (_, step) =>
      meanAbsolute(errors.map((each) => each[step] as number).filter((error) => !Number.isNaN(error))),
    ),
  };
}

function meanAbsolute(errors: readonly number[]): number {
  return errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
}

function requireSteps(given: ArrayLike<number>, before: number | null, origin: number): number {
  const place = `backtest: the forecast from step ${origin} on`;
  if (typeof given !== 'object' || given === null || !(given.length >= 1))
    throw new DataError(`${place} must be a list of numbers, one for each step ahead.`);
  if (before !== null && given.length !== before)
    throw new DataError(`${place} has ${given.length} steps, but the one before it ${before}; all must have the same.`);
  for (let step = 0; step < given.length; step++) {
    if (Number.isFinite(given[step])) continue;
    throw new DataError(`${place} is ${String(given[step])} at step ${step}; it must be a finite number.`);
  }
  return given.length;
}

/** The mean absolute error of the value `season` steps before. */
function naiveError(history: Float64Array, season: number): number {
  let [sum, count] = [0, 0];
  for (let step = season; step < history.length; step++) {
    const error = Math.abs((history[step] as number) - (history[step - season] as number));
    if (Number.isNaN(error)) continue;
    sum += error;
    count++;
  }
  return sum / count;
}
