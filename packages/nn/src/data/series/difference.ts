import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { numbersOf } from './Series.js';

/** What to take the difference to. */
export interface DifferenceOptions {
  /** How many steps ago: 12 for the change over a year of months. Default is 1, the step before. */
  readonly lag?: number;
}

const differenceTable = optionTable<DifferenceOptions>({ lag: 'number' });

/**
 * The change of a series, `y_t − y_{t−lag}`; NaN for the first `lag` steps, where there is nothing before. A series that grows is good
 * to learn on once it is its change; a change over a season is what the seasonal-naive forecast is wrong by.
 */
export function difference(series: ArrayLike<number>, options: DifferenceOptions = {}): Float64Array {
  checkOptions('difference', options, differenceTable);
  const lag = lagOf('difference', options);
  return numbersOf('difference', 'series', series).map(
    (value, step, values) => value - (step < lag ? Number.NaN : (values[step - lag] as number)),
  );
}

/**
 * The next steps of a series from its next changes: what `difference` of the same lag makes of them is `changes` again.
 * @throws DataError for a history shorter than the lag, or that lacks values at its end.
 */
export function addChanges(
  history: ArrayLike<number>,
  changes: ArrayLike<number>,
  options: DifferenceOptions = {},
): Float64Array {
  checkOptions('addChanges', options, differenceTable);
  const lag = lagOf('addChanges', options);
  const known = numbersOf('addChanges', 'history', history);
  const next = numbersOf('addChanges', 'list of changes', changes);
  if (known.length < lag)
    throw new DataError(`addChanges: a history of ${known.length} steps is shorter than the lag, ${lag}.`);
  const all = new Float64Array(lag + next.length);
  for (let step = 0; step < lag; step++) {
    const at = known.length - lag + step;
    const value = known[at] as number;
    if (!Number.isFinite(value))
      throw new DataError(`addChanges: step ${at} of the history is ${value}; fill in what is missing first.`);
    all[step] = value;
  }
  for (let step = 0; step < next.length; step++) all[lag + step] = (all[step] as number) + (next[step] as number);
  return all.slice(lag);
}

function lagOf(of: string, { lag = 1 }: DifferenceOptions): number {
  if (Number.isSafeInteger(lag) && lag >= 1) return lag;
  throw new ArgumentError(`${of}: lag must be a whole number ≥ 1, but is ${lag}.`);
}
