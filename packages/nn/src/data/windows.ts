import { ArgumentError, foldIn, fromArray, keep, scope, type Key, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from './DataError.js';
import { dataTable, type DataOptions, type DataSource } from './DataSource.js';
import { fingerprintOf, type Looked } from './fingerprint.js';
import { permutation } from './permutation.js';
import type { Filling } from './series/missing.js';
import type { ListSeries, Series } from './series/Series.js';
import { isNames, windowSteps, type WindowSteps } from './series/windowSteps.js';

/** How to cut windows from a series. */
export interface WindowOptions {
  /** Steps of a window. */
  readonly length: number;
  /**
   * How many steps ahead the target of a step lies; default is 1, or 0 where a series of `targets` is given. A pair, `[1, 12]`, makes
   * the target all the steps from the first to the last of these, side by side: a forecast of many steps at once.
   */
  readonly horizon?: number | readonly [first: number, last: number];
  /** Steps from the start of one window to the start of the next; default is `length`. */
  readonly stride?: number;
  /** Windows in parallel. */
  readonly batch: number;
  /** A key draws another order in each epoch; default is the series' own order. */
  readonly shuffle?: Key;
  /** What to predict: names of columns, or another series, as long; default is all channels of the series itself. */
  readonly targets?: string | readonly string[] | ListSeries;
  /** Whether each step of a window has a target that counts, the default, or its last step alone. */
  readonly targetsAt?: 'steps' | 'end';
  /**
   * Another series, of what is known before it comes, such as the calendar: read with each step are its values at the steps of the
   * target. It may be longer than the series.
   */
  readonly known?: Series;
  /** Steps at the beginning that are only read: no target among them counts. For parts that `splitSeries` made with a `context`. */
  readonly context?: number;
  /**
   * What becomes of values that are missing, NaN. They are refused by default. 'forward' and 'linear' fill in what is read, as
   * `fillMissing` does; 'mask' passes such a step by, as if it were not there. A target that is missing never counts.
   */
  readonly missing?: 'refuse' | 'mask' | Filling;
}

/** Windows side by side. */
export interface WindowStretch {
  /** `[length, batch, features]`: the channels of the series, then those that are known before. */
  readonly inputs: Tensor;
  /** `[length, batch, targetFeatures]`; of several steps ahead the nearest first, all channels of each. */
  readonly targets: Tensor;
  /** i32 `[length, batch]`, 0 at padding and steps passed by; null where there are none. */
  readonly mask: Tensor | null;
  /** i32 `[length, batch]`, 1 where the target counts; null where it does at every step that is not masked. */
  readonly lossMask: Tensor | null;
}

const windowTable = optionTable<WindowOptions>({
  length: required('number'),
  horizon: 'number or array',
  stride: 'number',
  batch: required('number'),
  shuffle: 'key',
  targets: 'array or string',
  targetsAt: ['steps', 'end'],
  known: 'array or object',
  context: 'number',
  missing: ['refuse', 'mask', 'forward', 'linear'],
});

/**
 * Windows of a time series, each a sequence of its own that starts with a fresh carry: at step t of a window that starts at s the
 * input is `series[s + t]` and the target `targets[s + t + horizon]`. A last window that is not full is padded, and so is a last
 * batch; the mask leaves padding out. A window in which no target counts is left out.
 * @throws DataError for a series with no step that has a target, with missing values that nothing is said of, or of rows or columns
 * unequal in length; ArgumentError for options that make no sense.
 */
export function windows(series: Series, options: WindowOptions): DataSource<WindowStretch> {
  checkOptions('windows', options, windowTable);
  const { length, stride = length, batch, shuffle, horizon, targetsAt = 'steps' } = options;
  checkCounts({ length, stride, batch }, 1);
  checkCounts({ context: options.context ?? 0 }, 0);
  const own = options.targets === undefined || isNames(options.targets);
  const ahead = horizonOf(horizon ?? (own ? 1 : 0));
  const steps = windowSteps(series, { ...options, ahead });
  const atEnd = targetsAt === 'end';
  const starts = startsOf(steps, length, stride, atEnd);
  const stretches = Math.ceil(starts.length / batch);
  let fingerprint: string | undefined;
  return {
    stretches,
    get fingerprint() {
      const { context, missing } = options;
      const cut = { of: 'windows', length, stride, batch, shuffle, ahead, targetsAt, context, missing };
      return (fingerprint ??= fingerprintOf(cut, lookInto(steps)));
    },
    async *open({ epoch, index }, dataOptions = {}) {
      checkOptions('windows().open', dataOptions, dataTable);
      const order = shuffle === undefined ? null : permutation(foldIn(shuffle, epoch), starts.length);
      for (let at = index; at < stretches; at++) {
        const from = Array.from({ length: batch }, (_, row) => {
          const window = at * batch + row;
          return window < starts.length ? (starts[order?.[window] ?? window] as number) : steps.usable;
        });
        const items = from.reduce((sum, start) => sum + countedIn(steps, start, length, atEnd), 0);
        yield { stretch: stretchOf(steps, from, length, atEnd, dataOptions), ends: true, items };
      }
    },
  };
}

/** What is read at a step, and its target, for a fingerprint. */
function lookInto({ usable, inputs, targets, read, target }: WindowSteps): Looked {
  return {
    places: usable,
    width: inputs + targets,
    look(step) {
      const numbers = new Float64Array(inputs + targets);
      read(step, numbers, 0);
      target(step, numbers, inputs);
      return numbers;
    },
  };
}

/** Where windows start in which some target counts. */
function startsOf(steps: WindowSteps, length: number, stride: number, atEnd: boolean): number[] {
  const count = 1 + Math.max(0, Math.ceil((steps.usable - length) / stride));
  const starts = Array.from({ length: count }, (_, window) => window * stride).filter(
    (start) => countedIn(steps, start, length, atEnd) > 0,
  );
  if (starts.length > 0) return starts;
  throw new DataError(
    'windows: no window has a target that counts: all are missing, or in the context. Give a longer series.',
  );
}

/** Targets that count in the window that starts there. */
function countedIn({ counted, usable }: WindowSteps, start: number, length: number, atEnd: boolean): number {
  const end = Math.min(start + length, usable);
  if (end <= start) return 0;
  return (counted[end] as number) - (counted[atEnd ? end - 1 : start] as number);
}

function stretchOf(
  steps: WindowSteps,
  starts: readonly number[],
  length: number,
  atEnd: boolean,
  dataOptions: DataOptions,
): WindowStretch {
  const { usable, counted, read, inputs, targets, allCount } = steps;
  const batch = starts.length;
  const values = {
    inputs: new Float64Array(length * batch * inputs),
    targets: new Float64Array(length * batch * targets),
  };
  const [mask, losses] = [new Int32Array(length * batch), new Int32Array(length * batch)];
  for (const [row, start] of starts.entries()) {
    const end = Math.min(start + length, usable);
    for (let step = start; step < end; step++) {
      const at = (step - start) * batch + row;
      if (!read(step, values.inputs, at * inputs)) continue;
      mask[at] = 1;
      if (atEnd && step !== end - 1) continue;
      losses[at] = (counted[step + 1] as number) - (counted[step] as number);
      if (losses[at] === 1) steps.target(step, values.targets, at * targets);
    }
  }
  const marks = (from: Int32Array): Tensor => fromArray(from, [length, batch], { ...dataOptions, dtype: 'i32' });
  return scope(() =>
    keep({
      inputs: fromArray(values.inputs, [length, batch, inputs], dataOptions),
      targets: fromArray(values.targets, [length, batch, targets], dataOptions),
      mask: mask.includes(0) ? marks(mask) : null,
      lossMask: atEnd || !allCount ? marks(losses) : null,
    }),
  );
}

function horizonOf(horizon: number | readonly number[]): readonly [number, number] {
  const [first, last] = typeof horizon === 'number' ? [horizon, horizon] : horizon;
  const whole = [first, last].every((steps) => Number.isSafeInteger(steps) && (steps as number) >= 0);
  if (whole && (first as number) <= (last as number) && (typeof horizon === 'number' || horizon.length === 2))
    return [first as number, last as number];
  throw new ArgumentError(
    `windows: horizon must be a whole number ≥ 0, or the first and the last of several, such as [1, 12], but is ${
      typeof horizon === 'number' ? horizon : `[${horizon.join(', ')}]`
    }.`,
  );
}

function checkCounts(counts: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new ArgumentError(`windows: ${name} must be a whole number ≥ ${least}, but is ${value}.`);
  }
}
