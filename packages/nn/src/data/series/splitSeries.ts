import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import type { Split } from '../splitSequences.js';
import { channelsOf, seriesLike, type Series, type SeriesLike } from './Series.js';

/** How to split a series. */
export interface SplitSeriesOptions {
  /** Steps held out to watch training by: a number, or, below 1, a share of the series. Default is 0. */
  readonly validation?: number;
  /** Steps held out for the end, after those; default is 0. */
  readonly test?: number;
  /** Steps left out before each part that is held out, so that what is alike by being near is in no two of them. Default is 0. */
  readonly gap?: number;
  /**
   * Earlier steps that each part held out begins with, beside its own: the past that its first forecasts are made from. Give
   * `windows` of that part the same number, and no target among them counts. Default is 0.
   */
  readonly context?: number;
}

const splitTable = optionTable<SplitSeriesOptions>({
  validation: 'number',
  test: 'number',
  gap: 'number',
  context: 'number',
});

/**
 * A series in three parts by time: first training, then validation, then test. Each is a series of its own, so that no window of one
 * reaches a target of another. Split first; then fit a scaler on the training part alone.
 * @throws DataError when there are too few steps; ArgumentError for numbers that make no sense.
 */
export function splitSeries<S extends Series>(series: S, options: SplitSeriesOptions): Split<SeriesLike<S>> {
  checkOptions('splitSeries', options, splitTable);
  const { validation = 0, test = 0, gap = 0, context = 0 } = options;
  const channels = channelsOf('splitSeries', 'series', series);
  const { rows } = channels;
  const [forValidation, forTest] = [stepsOf('validation', validation, rows), stepsOf('test', test, rows)];
  for (const [name, value] of Object.entries({ gap, context })) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ArgumentError(`splitSeries: ${name} must be a whole number ≥ 0, but is ${value}.`);
  }
  const testFrom = rows - forTest;
  const validationTo = forTest === 0 ? rows : testFrom - gap;
  const validationFrom = validationTo - forValidation;
  const trainingTo = forValidation === 0 ? validationTo : validationFrom - gap;
  const heldOutFrom = forValidation === 0 ? testFrom : validationFrom;
  if (trainingTo < 1 || (heldOutFrom < rows && context > heldOutFrom)) {
    throw new DataError(
      `splitSeries: a series of ${rows} steps is too short for ${forValidation} of validation and ${forTest} of test with a gap of ${gap}` +
        `${context > 0 ? ` and a context of ${context}` : ''}.`,
    );
  }
  const part = (from: number, to: number): SeriesLike<S> => {
    const columns = Array.from({ length: channels.count }, (_, channel) =>
      Float64Array.from({ length: to - from }, (__, row) => channels.value(from + row, channel)),
    );
    return seriesLike(channels.form, channels.names ?? [], columns) as SeriesLike<S>;
  };
  return {
    training: part(0, trainingTo),
    validation: forValidation === 0 ? part(0, 0) : part(validationFrom - context, validationTo),
    test: forTest === 0 ? part(0, 0) : part(testFrom - context, rows),
  };
}

function stepsOf(name: string, value: number, rows: number): number {
  if (value >= 0 && value < 1) return Math.round(value * rows);
  if (Number.isSafeInteger(value)) return value;
  throw new ArgumentError(`splitSeries: ${name} must be a number of steps, or a share below 1, but is ${value}.`);
}
