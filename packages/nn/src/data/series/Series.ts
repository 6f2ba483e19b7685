import { DataError } from '../DataError.js';
import { describe } from '../describe.js';
import { isList } from '../isList.js';

/** Channels of a series by name, all as long. */
export type Columns = Readonly<Record<string, ArrayLike<number>>>;

/** A time series as a list of its steps: one number each, or a row of several. */
export type ListSeries = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** A time series: a list of steps, or columns by name. NaN stands for a value that is missing. */
export type Series = ListSeries | Columns;

/** A series of the same form, on memory of its own. */
export type SeriesLike<S extends Series> =
  S extends ArrayLike<number>
    ? Float64Array
    : S extends ArrayLike<ArrayLike<number>>
      ? Float64Array[]
      : { readonly [K in keyof S]: Float64Array };

/** A series of whatever form, channel by channel. */
export interface Channels {
  readonly form: 'flat' | 'rows' | 'columns';
  /** Names of columns; null where they have none. */
  readonly names: readonly string[] | null;
  readonly count: number;
  readonly rows: number;
  value(row: number, channel: number): number;
  /** A channel as errors name it. */
  nameOf(channel: number): string;
}

/** Looks at a series, in which infinity may be refused; `of` and `what` are for errors. @throws DataError for one without steps, of unequal rows or columns, or of no numbers. */
export function channelsOf(of: string, what: string, series: Series, infinite = false): Channels {
  return requireNumbers(of, anyChannels(of, what, series), infinite);
}

function anyChannels(of: string, what: string, series: Series): Channels {
  if (isList(series)) {
    const [first] = series as readonly unknown[];
    if (first === undefined) throw new DataError(`${of}: the ${what} has no steps.`);
    return isList(first) ? rowChannels(of, what, series as ArrayLike<ArrayLike<number>>) : flatChannels(what, series);
  }
  if (typeof series !== 'object' || series === null || Object.keys(series).length === 0) {
    throw new DataError(
      `${of}: the ${what} must be a list of numbers, a list of rows, or columns by name, but is ${
        typeof series === 'object' && series !== null ? 'empty' : describe(series)
      }.`,
    );
  }
  return columnChannels(of, what, series);
}

/** A series of the form that `channels` has, of other values. */
export function seriesLike(
  form: Channels['form'],
  names: readonly string[],
  columns: readonly Float64Array[],
): unknown {
  const [first] = columns as [Float64Array];
  if (form === 'flat') return first;
  if (form === 'columns') return Object.fromEntries(columns.map((values, at) => [names[at], values]));
  return Array.from(first, (_, row) => Float64Array.from(columns, (values) => values[row] as number));
}

/** The numbers of a series of one channel, on memory of their own. @throws DataError for anything else. */
export function numbersOf(of: string, what: string, series: ArrayLike<number>): Float64Array {
  if (isList(series) && series.length === 0) return new Float64Array(0);
  const { form, rows, value } = channelsOf(of, what, series);
  if (form !== 'flat') throw new DataError(`${of}: the ${what} must be a list of numbers, one channel of it alone.`);
  return Float64Array.from({ length: rows }, (_, row) => value(row, 0));
}

function flatChannels(what: string, series: ArrayLike<unknown>): Channels {
  const values = series as ArrayLike<number>;
  return {
    form: 'flat',
    names: null,
    count: 1,
    rows: series.length,
    value: (row) => values[row] as number,
    nameOf: () => `the ${what}`,
  };
}

function rowChannels(of: string, what: string, series: ArrayLike<ArrayLike<number>>): Channels {
  const count = (series[0] as ArrayLike<number>).length;
  for (let row = 0; row < series.length; row++) {
    const given = series[row] as ArrayLike<number> | null | undefined;
    if (!isList(given)) throw new DataError(`${of}: step ${row} of the ${what} is no row of numbers, but step 0 is.`);
    if (given.length !== count)
      throw new DataError(`${of}: step ${row} of the ${what} has ${given.length} numbers, but step 0 has ${count}.`);
  }
  if (count === 0) throw new DataError(`${of}: the rows of the ${what} are empty.`);
  return {
    form: 'rows',
    names: null,
    count,
    rows: series.length,
    value: (row, channel) => (series[row] as ArrayLike<number>)[channel] as number,
    nameOf: (channel) => `channel ${channel} of the ${what}`,
  };
}

function columnChannels(of: string, what: string, series: Columns): Channels {
  const names = Object.keys(series);
  const columns = Object.values(series);
  const rows = (columns[0] as ArrayLike<number>).length;
  for (const [at, column] of columns.entries()) {
    if (!isList(column))
      throw new DataError(`${of}: column ${JSON.stringify(names[at])} of the ${what} is no list of numbers.`);
    if (column.length === rows) continue;
    throw new DataError(
      `${of}: column ${JSON.stringify(names[at])} of the ${what} has ${column.length} steps, but ${JSON.stringify(names[0])} has ${rows}.`,
    );
  }
  if (rows === 0) throw new DataError(`${of}: the ${what} has no steps.`);
  return {
    form: 'columns',
    names,
    count: columns.length,
    rows,
    value: (row, channel) => (columns[channel] as ArrayLike<number>)[row] as number,
    nameOf: (channel) => `column ${JSON.stringify(names[channel])}`,
  };
}

function requireNumbers(of: string, channels: Channels, infinite: boolean): Channels {
  for (let channel = 0; channel < channels.count; channel++) {
    for (let row = 0; row < channels.rows; row++) {
      const value: unknown = channels.value(row, channel);
      if (typeof value === 'number' && (infinite || Math.abs(value) !== Infinity)) continue;
      throw new DataError(
        `${of}: ${channels.nameOf(channel)}, row ${row} is ${describe(value)}, which is no finite number; NaN stands for a missing one.`,
      );
    }
  }
  return channels;
}
