import { ArgumentError } from '@tempograd/core';
import { DataError } from '../DataError.js';
import { describe } from '../describe.js';
import { isList } from '../isList.js';

/** A point in time: milliseconds since 1970 in UTC, as `Date.now()` and `table.dates(name)` give them, or a Date. */
export type Time = number | Date;

/** A place in a cycle as a point on a circle, so that its end is beside its beginning. */
export type CyclePoint = readonly [sine: number, cosine: number];

const day = 86_400_000;

/** A share of a cycle, such as 0.25, as sine and cosine; `cycle(index / 7)` is a week's. */
export function cycle(share: number): CyclePoint {
  return [Math.sin(2 * Math.PI * share), Math.cos(2 * Math.PI * share)];
}

/** Where in its day a time is, in UTC. */
export function hourOfDay(time: Time): CyclePoint {
  return cycle((milliseconds('hourOfDay', time) / day) % 1);
}

/** Where in its week a time is, in UTC: the day, and the hour in it. */
export function dayOfWeek(time: Time): CyclePoint {
  return cycle((milliseconds('dayOfWeek', time) / (7 * day)) % 1);
}

/** Where in its year a time is, in UTC: the day, and the hour in it. */
export function dayOfYear(time: Time): CyclePoint {
  const at = milliseconds('dayOfYear', time);
  const year = new Date(at).getUTCFullYear();
  const begin = Date.UTC(year, 0);
  return cycle((at - begin) / (Date.UTC(year + 1, 0) - begin));
}

/** The month of a time, in UTC: the same for every day in it. */
export function monthOfYear(time: Time): CyclePoint {
  return cycle(new Date(milliseconds('monthOfYear', time)).getUTCMonth() / 12);
}

/**
 * Columns of features of one's own, for each time: calendar features by the helpers beside this, lags by the index. What the function
 * gives a list for becomes as many columns, `month.0` and `month.1`; NaN stands for what there is not.
 *
 * `{ co2, ...timeFeatures(times, (time, index) => ({ month: monthOfYear(time), yearAgo: co2[index - 12] ?? NaN })) }`
 * @throws DataError when the function gives other names or lengths for one time than for the first.
 */
export function timeFeatures(
  times: ArrayLike<Time>,
  features: (time: number, index: number) => Readonly<Record<string, number | readonly number[]>>,
): Record<string, Float64Array> {
  if (!isList(times)) throw new DataError(`timeFeatures: the times must be a list, but are ${describe(times)}.`);
  if (typeof features !== 'function')
    throw new ArgumentError(`timeFeatures: features must be a function of a time, but is ${describe(features)}.`);
  const columns: Record<string, Float64Array> = {};
  for (let index = 0; index < times.length; index++) {
    const given = namedNumbers(index, features(milliseconds('timeFeatures', times[index] as Time), index));
    if (index === 0) for (const [name] of given) columns[name] = new Float64Array(times.length);
    for (const [name, value] of given) if (columns[name] !== undefined) columns[name][index] = value;
    const [names, wanted] = [given.map(([name]) => name).join(', '), Object.keys(columns).join(', ')];
    if (names === wanted) continue;
    throw new DataError(
      `timeFeatures: at index ${index} there are ${names || 'no features'}, but at index 0 ${wanted || 'none'}.`,
    );
  }
  return columns;
}

/** Features by the names of their columns. */
function namedNumbers(index: number, features: unknown): (readonly [name: string, value: number])[] {
  if (typeof features !== 'object' || features === null)
    throw new DataError(`timeFeatures: at index ${index} there is ${describe(features)}; wanted are features by name.`);
  const pairs = Object.entries(features as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    isList(value) ? Array.from(value, (each, at) => [`${name}.${at}`, each] as const) : [[name, value] as const],
  );
  return pairs.map(([name, value]) => {
    if (typeof value === 'number') return [name, value];
    throw new DataError(
      `timeFeatures: at index ${index}, ${name} is ${describe(value)}; it must be a number, or NaN for none.`,
    );
  });
}

function milliseconds(of: string, time: Time): number {
  const at = typeof time === 'number' ? time : time instanceof Date ? time.getTime() : Number.NaN;
  if (Number.isFinite(at) && Math.abs(at) <= 8.64e15) return at;
  throw new DataError(
    `${of}: ${String(time)} is no time; give milliseconds since 1970, such as Date.UTC(2024, 0), or a Date.`,
  );
}
