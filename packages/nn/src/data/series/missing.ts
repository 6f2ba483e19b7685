import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { channelsOf, seriesLike, type Channels, type Series, type SeriesLike } from './Series.js';

/** How to fill in what is missing: by the latest value before it, or on a line to the next one. */
export type Filling = 'forward' | 'linear';

/** How to fill in missing values. */
export interface FillOptions {
  /** Default is 'forward', which looks at nothing that comes later; 'linear' does, so it is for values to learn from, not to forecast on. */
  readonly by?: Filling;
}

const fillTable = optionTable<FillOptions>({ by: ['forward', 'linear'] });

/**
 * A series with its missing values, NaN, filled in, on memory of its own. On a line, a gap at either end takes the nearest value.
 * @throws DataError for a channel with nothing but gaps, or 'forward' for one that begins with a gap.
 */
export function fillMissing<S extends Series>(series: S, options: FillOptions = {}): SeriesLike<S> {
  checkOptions('fillMissing', options, fillTable);
  const channels = channelsOf('fillMissing', 'series', series);
  const columns = filled('fillMissing', channels, options.by ?? 'forward');
  return seriesLike(channels.form, channels.names ?? [], columns) as SeriesLike<S>;
}

/** The channels without gaps. */
export function filled(of: string, channels: Channels, by: Filling): Float64Array[] {
  return Array.from({ length: channels.count }, (_, channel) => {
    const values = Float64Array.from({ length: channels.rows }, (__, row) => channels.value(row, channel));
    const first = values.findIndex((value) => !Number.isNaN(value));
    if (first === -1) throw new DataError(`${of}: every value of ${channels.nameOf(channel)} is missing.`);
    if (first > 0 && by === 'forward') {
      throw new DataError(
        `${of}: ${channels.nameOf(channel)} begins with ${first} missing ${first === 1 ? 'value' : 'values'}, and there is nothing before ` +
          'to fill in. Begin with a later row, or fill in by a line.',
      );
    }
    values.fill(values[first] as number, 0, first);
    for (let row = first + 1, before = first; row < values.length; row++) {
      if (!Number.isNaN(values[row])) before = row;
      else if (by === 'forward') values[row] = values[before] as number;
      else {
        let next = row + 1;
        while (next < values.length && Number.isNaN(values[next])) next++;
        fillLine(values, before, next);
      }
    }
    return values;
  });
}

/** Fills the gap between two values on a line; one that reaches the end with the last value. */
function fillLine(values: Float64Array, from: number, to: number): void {
  const begin = values[from] as number;
  const end = values[to] ?? begin;
  for (let row = from + 1; row < to; row++) {
    const share = (row - from) / (to - from);
    values[row] = begin * (1 - share) + end * share;
  }
}

/** The first value that is missing, as errors name it; null where none is. */
export function firstMissing(channels: Channels): string | null {
  for (let row = 0; row < channels.rows; row++) {
    for (let channel = 0; channel < channels.count; channel++)
      if (Number.isNaN(channels.value(row, channel))) return `${channels.nameOf(channel)}, row ${row}`;
  }
  return null;
}
