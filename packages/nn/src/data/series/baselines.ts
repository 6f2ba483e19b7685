import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { numbersOf } from './Series.js';

/** What to forecast by repeating the last value. */
export interface LastValueOptions {
  /** How many steps. */
  readonly steps: number;
}

/** What to forecast by repeating the last season. */
export interface SeasonalNaiveOptions extends LastValueOptions {
  /** Steps of a season: 12 for months with a yearly season, 24 for hours with a daily one. */
  readonly season: number;
}

const lastValueTable = optionTable<LastValueOptions>({ steps: required('number') });
const seasonalNaiveTable = optionTable<SeasonalNaiveOptions>({ steps: required('number'), season: required('number') });

/**
 * The forecast that each of the next steps is as the last one: what a model must beat.
 * @throws DataError for a history without values.
 */
export function lastValue(history: ArrayLike<number>, options: LastValueOptions): Float64Array {
  checkOptions('lastValue', options, lastValueTable);
  return repeat('lastValue', history, 1, options.steps);
}

/**
 * The forecast that each of the next steps is as the same step of the last season: what a model of seasonal data must beat, and what
 * MASE measures by.
 * @throws DataError for a history shorter than a season, or that lacks values in the last one.
 */
export function seasonalNaive(history: ArrayLike<number>, options: SeasonalNaiveOptions): Float64Array {
  checkOptions('seasonalNaive', options, seasonalNaiveTable);
  return repeat('seasonalNaive', history, options.season, options.steps);
}

function repeat(of: string, history: ArrayLike<number>, season: number, steps: number): Float64Array {
  for (const [name, value] of Object.entries({ season, steps })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ArgumentError(`${of}: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  const values = numbersOf(of, 'history', history);
  if (values.length < season)
    throw new DataError(`${of}: a history of ${values.length} steps is shorter than what is repeated, ${season}.`);
  return Float64Array.from({ length: steps }, (_, step) => {
    const at = values.length - season + (step % season);
    const value = values[at] as number;
    if (Number.isFinite(value)) return value;
    throw new DataError(`${of}: step ${at} of the history is ${value}; fill in what is missing first.`);
  });
}
