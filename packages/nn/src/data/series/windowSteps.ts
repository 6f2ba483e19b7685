import { ArgumentError } from '@tempograd/core';
import { DataError } from '../DataError.js';
import type { WindowOptions } from '../windows.js';
import { filled, firstMissing } from './missing.js';
import { channelsOf, type Channels, type Series } from './Series.js';

/** The steps of a series as windows need them: what is read at each, and its target. */
export interface WindowSteps {
  /** Steps that have a target, from the first on. */
  readonly usable: number;
  /** Features read at a step. */
  readonly inputs: number;
  /** Numbers of a target. */
  readonly targets: number;
  /** At n, how many of the first n steps have a target that counts. */
  readonly counted: Int32Array;
  /** Whether the targets of all steps that are read count. */
  readonly allCount: boolean;
  /** Copies what is read at a step to a place; false where it is passed by. */
  read(step: number, into: Float64Array, at: number): boolean;
  /** Copies the target of a step to a place. */
  target(step: number, into: Float64Array, at: number): void;
}

/** What options say of steps. */
export interface StepOptions extends Pick<WindowOptions, 'targets' | 'known' | 'context' | 'missing'> {
  /** The first and the last step ahead that is predicted. */
  readonly ahead: readonly [first: number, last: number];
}

/** Reads a series for windows. @throws DataError, ArgumentError as `windows` does. */
export function windowSteps(series: Series, options: StepOptions): WindowSteps {
  const { ahead, context = 0, missing = 'refuse' } = options;
  const [first, last] = ahead;
  const own = channelsOf('windows', 'series', series);
  const aims = targetsOf(own, options.targets);
  const known = options.known === undefined ? null : channelsOf('windows', 'known series', options.known);
  const usable = Math.min(own.rows, aims.rows - last, (known?.rows ?? Infinity) - last);
  if (usable < 1) {
    throw new DataError(
      `windows: a series of ${own.rows} steps with ${aims.rows} targets${
        known === null ? '' : ` and ${known.rows} known steps`
      } has no step whose target lies ${last} ahead. Give a longer series or a smaller horizon.`,
    );
  }
  if (missing === 'refuse') for (const channels of [own, aims, known]) requireComplete(channels);
  const passed = missing === 'mask' ? passedBy(own, known, ahead, usable) : null;
  const fill = (channels: Channels): ReadingOf => {
    if (missing === 'refuse' || missing === 'mask') return channels.value;
    const columns = filled('windows', channels, missing);
    return (row, channel) => (columns[channel] as Float64Array)[row] as number;
  };
  const [value, knownValue] = [fill(own), known === null ? null : fill(known)];
  const counted = new Int32Array(usable + 1);
  let allCount = true;
  for (let step = 0; step < usable; step++) {
    const read = passed?.[step] !== 1;
    const counts = read && step + first >= context && isThere(aims, step + first, step + last);
    counted[step + 1] = (counted[step] as number) + Number(counts);
    if (read && !counts) allCount = false;
  }
  const span = last - first + 1;
  return {
    usable,
    inputs: own.count + span * (known?.count ?? 0),
    targets: span * aims.count,
    counted,
    allCount,
    read: (step, into, at) => {
      if (passed?.[step] === 1) return false;
      for (let channel = 0; channel < own.count; channel++) into[at++] = value(step, channel);
      if (known !== null) copy(known.count, knownValue as ReadingOf, step + first, step + last, into, at);
      return true;
    },
    target: (step, into, at) => copy(aims.count, aims.value, step + first, step + last, into, at),
  };
}

/** Whether targets are names of columns. */
export function isNames(targets: WindowOptions['targets']): targets is string | readonly string[] {
  return typeof targets === 'string' || (Array.isArray(targets) && typeof targets[0] === 'string');
}

type ReadingOf = Channels['value'];

function copy(count: number, value: ReadingOf, from: number, to: number, into: Float64Array, at: number): void {
  for (let row = from; row <= to; row++)
    for (let channel = 0; channel < count; channel++) into[at++] = value(row, channel);
}

/** The channels to predict. */
function targetsOf(own: Channels, targets: WindowOptions['targets']): Channels {
  if (targets === undefined) return own;
  if (!isNames(targets)) return channelsOf('windows', 'series of targets', targets);
  const names = typeof targets === 'string' ? [targets] : targets;
  const places = names.map((name) => {
    const at = own.names?.indexOf(name) ?? -1;
    if (at !== -1) return at;
    throw new ArgumentError(
      `windows: there is no column ${JSON.stringify(name)} to predict; ${
        own.names === null
          ? 'the series has no named columns. Give targets as a series.'
          : `there are ${own.names.map((each) => JSON.stringify(each)).join(', ')}.`
      }`,
    );
  });
  return {
    ...own,
    names,
    count: places.length,
    value: (row, channel) => own.value(row, places[channel] as number),
    nameOf: (channel) => own.nameOf(places[channel] as number),
  };
}

function requireComplete(channels: Channels | null): void {
  const place = channels && firstMissing(channels);
  if (place === null) return;
  throw new DataError(
    `windows: ${place} is missing (NaN). Fill in what is missing by missing: 'forward' or 'linear', pass such steps by with 'mask', or ` +
      'leave the rows out.',
  );
}

/** 1 at each step at which something that is to be read is missing. */
function passedBy(
  own: Channels,
  known: Channels | null,
  [first, last]: readonly [number, number],
  usable: number,
): Uint8Array {
  return Uint8Array.from({ length: usable }, (_, step) =>
    Number(!isThere(own, step, step) || (known !== null && !isThere(known, step + first, step + last))),
  );
}

function isThere({ count, value }: Channels, from: number, to: number): boolean {
  for (let row = from; row <= to; row++)
    for (let channel = 0; channel < count; channel++) if (Number.isNaN(value(row, channel))) return false;
  return true;
}
