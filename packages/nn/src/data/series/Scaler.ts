import { ArgumentError } from '@tempograd/core';
import * as v from 'valibot';
import { DataError } from '../DataError.js';
import { isList } from '../isList.js';
import {
  applyScaling,
  fitScaling,
  invertScaling,
  type FittedScaling,
  type Scaling,
  type ScalingMethod,
} from './scaling.js';
import { channelsOf, seriesLike, type Channels, type Series, type SeriesLike } from './Series.js';

/**
 * Brings the channels of a series to a range that is good to learn on, and back. Made by `fitScaler` from training data; saved
 * with a model as JSON, so that whatever it meets later is scaled as its training data was.
 *
 * What is scaled may be any series with the scaler's channels: columns are found by name, all of them or some. A flat list of a
 * scaler of several channels has those of each step side by side: a forecast as it is read from a tensor, or a row. NaN stays NaN.
 */
export interface Scaler {
  /** How many channels it scales. */
  readonly channels: number;
  /** Their names, where it was fitted on columns. */
  readonly names: readonly string[] | null;
  /** The same series scaled, on memory of its own. @throws DataError when it has other channels, or a value that has no logarithm. */
  transform<S extends Series>(series: S): SeriesLike<S>;
  /** The series that was scaled to this one. */
  inverse<S extends Series>(series: S): SeriesLike<S>;
  /** The scaler of one channel, by name or number: for the forecasts of that channel alone. */
  channel(which: string | number): Scaler;
  /** What `scalerFromJson` makes it again from. */
  toJSON(): ScalerJson;
}

/** A scaler as plain JSON. */
export interface ScalerJson {
  readonly version: 1;
  readonly names: readonly string[] | null;
  /** Of each channel the steps, in the order in which they are applied. */
  readonly channels: readonly (readonly FittedScaling[])[];
}

/**
 * A scaler for the channels of a series, fitted on it: give training data alone, so that nothing of what is held out leaks in.
 * Missing values are left out. `scaling` is that of every channel, or one for each by name (by number for rows). A constant channel
 * is only shifted.
 * @throws DataError for a channel without values, or with one that has no logarithm; ArgumentError for a scaling that there is not.
 */
export function fitScaler(training: Series, scaling: Scaling | Readonly<Record<string, Scaling>> = 'standard'): Scaler {
  const channels = channelsOf('fitScaler', 'series', training);
  const fitted = Array.from({ length: channels.count }, (_, at) => {
    const values = Float64Array.from({ length: channels.rows }, (__, row) => channels.value(row, at));
    return fitScaling(channels.nameOf(at), values, scalingOf(channels, at, scaling));
  });
  return scalerOf(channels.names, fitted);
}

const finite = v.pipe(v.number(), v.finite());
const schema = v.object({
  version: v.literal(1),
  names: v.nullable(v.array(v.string())),
  channels: v.pipe(
    v.array(
      v.array(
        v.variant('kind', [
          v.object({
            kind: v.picklist(['standard', 'minMax', 'robust']),
            shift: finite,
            scale: v.pipe(
              finite,
              v.check((scale) => scale !== 0, 'must not be 0'),
            ),
          }),
          v.object({ kind: v.literal('log'), offset: finite }),
        ]),
      ),
    ),
    v.minLength(1),
  ),
});

/** The scaler that `toJSON` described. @throws DataError when it describes none. */
export function scalerFromJson(json: unknown): Scaler {
  const read = v.safeParse(schema, json);
  if (!read.success) {
    const [{ message, path }] = read.issues;
    const place = path?.map(({ key }) => String(key)).join('.') ?? '';
    throw new DataError(`scalerFromJson: this describes no scaler${place === '' ? '' : ` at ${place}`}: ${message}.`);
  }
  const { names, channels } = read.output;
  if (names !== null && (names.length !== channels.length || new Set(names).size !== names.length))
    throw new DataError(`scalerFromJson: ${channels.length} channels must have as many names, each of them once.`);
  return scalerOf(names, channels);
}

function scalerOf(names: readonly string[] | null, fitted: readonly (readonly FittedScaling[])[]): Scaler {
  type One = (name: string, steps: readonly FittedScaling[], value: number) => number;
  const forth: One = (name, steps, value) => steps.reduce((x, step) => applyScaling('transform', name, step, x), value);
  const back: One = (_, steps, value) => steps.reduceRight((x, step) => invertScaling(step, x), value);
  const run = <S extends Series>(of: string, series: S, one: One): SeriesLike<S> => {
    if (fitted.length > 1 && isList(series) && typeof series[0] === 'number')
      return sideBySide(of, series as ArrayLike<number>, one) as SeriesLike<S>;
    if (isList(series) && series.length === 0) return new Float64Array(0) as unknown as SeriesLike<S>;
    const channels = channelsOf(of, 'series', series, true);
    const columns = matching(of, channels).map((own, at) => {
      const steps = fitted[own] as readonly FittedScaling[];
      const name = channels.nameOf(at);
      return Float64Array.from({ length: channels.rows }, (_, row) => one(name, steps, channels.value(row, at)));
    });
    return seriesLike(channels.form, channels.names ?? [], columns) as SeriesLike<S>;
  };
  return {
    channels: fitted.length,
    names,
    transform: (series) => run('transform', series, forth),
    inverse: (series) => run('inverse', series, back),
    channel: (which) => {
      const at = typeof which === 'number' ? which : (names ?? []).indexOf(which);
      const steps = fitted[at];
      if (steps === undefined)
        throw new ArgumentError(`channel: there is no ${JSON.stringify(which)} in ${ownChannels()}.`);
      return scalerOf(names === null ? null : [names[at] as string], [steps]);
    },
    toJSON: () => ({ version: 1, names, channels: fitted }),
  };

  function ownChannels(): string {
    return names === null
      ? `a scaler of ${fitted.length} channels`
      : `a scaler of ${names.map((name) => JSON.stringify(name)).join(', ')}`;
  }

  function sideBySide(of: string, series: ArrayLike<number>, one: One): Float64Array {
    if (series.length % fitted.length !== 0) {
      throw new DataError(
        `${of}: a flat list of ${series.length} numbers is not made of steps of ${fitted.length} channels, as ${ownChannels()} wants.`,
      );
    }
    return Float64Array.from(series, (value, at) => {
      const own = at % fitted.length;
      return one(
        names === null ? `channel ${own}` : `column ${JSON.stringify(names[own])}`,
        fitted[own] as readonly FittedScaling[],
        value,
      );
    });
  }

  /** For each channel of a series the scaler's own. */
  function matching(of: string, channels: Channels): number[] {
    if (names !== null && channels.names !== null) {
      return channels.names.map((name) => {
        const at = names.indexOf(name);
        if (at !== -1) return at;
        throw new DataError(`${of}: there is no column ${JSON.stringify(name)} in ${ownChannels()}.`);
      });
    }
    if (channels.count === fitted.length) return fitted.map((_, at) => at);
    throw new DataError(`${of}: the series has ${channels.count} channels, but this is ${ownChannels()}.`);
  }
}

/** The scaling of one channel. */
function scalingOf(channels: Channels, at: number, scaling: Scaling | Readonly<Record<string, Scaling>>): Scaling {
  const isMethod =
    typeof scaling === 'string' || Array.isArray(scaling) || typeof scaling !== 'object' || scaling === null;
  if (isMethod) return scaling as Scaling;
  const known = channels.names ?? Array.from({ length: channels.count }, (_, channel) => String(channel));
  const keys = Object.keys(scaling);
  const unknown = keys.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    if ('kind' in scaling) return scaling as ScalingMethod;
    throw new ArgumentError(
      `fitScaler: there is no channel ${JSON.stringify(unknown)}; there are ${known.map((name) => JSON.stringify(name)).join(', ')}.`,
    );
  }
  const name = known[at] as string;
  const own = Object.hasOwn(scaling, name) ? (scaling as Readonly<Record<string, Scaling>>)[name] : undefined;
  if (own !== undefined) return own;
  throw new ArgumentError(
    `fitScaler: ${channels.nameOf(at)} has no scaling; write 'none' where it is to stay as it is.`,
  );
}
