import { ArgumentError, foldIn, fromArray, keep, type Key, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from './DataError.js';
import { dataTable, type DataOptions, type DataSource } from './DataSource.js';
import { permutation } from './permutation.js';

/** A time series: one number a step, or several. */
export type Series = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** How to cut windows from a series. */
export interface WindowOptions {
  /** Steps of a window. */
  readonly length: number;
  /** How many steps ahead the target of a step lies; default is 1, or 0 where `targets` are given. */
  readonly horizon?: number;
  /** Steps from the start of one window to the start of the next; default is `length`. */
  readonly stride?: number;
  /** Windows in parallel. */
  readonly batch: number;
  /** A key draws another order in each epoch; default is the series' own order. */
  readonly shuffle?: Key;
  /** What to predict, as long as the series; default is the series itself. */
  readonly targets?: Series;
}

/** Windows side by side. */
export interface WindowStretch {
  /** `[length, batch, features]`. */
  readonly inputs: Tensor;
  /** `[length, batch, targetFeatures]`. */
  readonly targets: Tensor;
  /** i32 `[length, batch]`, 0 at padding; null where there is none. */
  readonly mask: Tensor | null;
}

const windowTable = optionTable<WindowOptions>({
  length: required('number'),
  horizon: 'number',
  stride: 'number',
  batch: required('number'),
  shuffle: 'key',
  targets: 'array',
});

/**
 * Windows of a time series, each a sequence of its own that starts with a fresh carry: at step t of a window that starts at s the
 * input is `series[s + t]` and the target `targets[s + t + horizon]`. A last window that is not full is padded, and so is a last
 * batch; the mask leaves padding out.
 * @throws DataError for a series with no step that has a target, or of rows unequal in length; ArgumentError for options that make no sense.
 */
export function windows(series: Series, options: WindowOptions): DataSource<WindowStretch> {
  checkOptions('windows', options, windowTable);
  const { length, stride = length, batch, shuffle, horizon = options.targets === undefined ? 1 : 0 } = options;
  checkCounts({ length, stride, batch }, horizon);
  const inputs = rowsOf('series', series);
  const targets = options.targets === undefined ? inputs : rowsOf('targets', options.targets);
  const usable = Math.min(inputs.rows, targets.rows - horizon);
  if (usable < 1) {
    throw new DataError(
      `windows: a series of ${inputs.rows} steps with ${targets.rows} targets has no step whose target lies ${horizon} ahead. ` +
        'Give a longer series or a smaller horizon.',
    );
  }
  const count = 1 + Math.max(0, Math.ceil((usable - length) / stride));
  const stretches = Math.ceil(count / batch);
  return {
    stretches,
    async *open({ epoch, index }, dataOptions = {}) {
      checkOptions('windows().open', dataOptions, dataTable);
      const order = shuffle === undefined ? null : permutation(foldIn(shuffle, epoch), count);
      for (let at = index; at < stretches; at++) {
        const starts = Array.from({ length: batch }, (_, row) => {
          const window = at * batch + row;
          return window < count ? (order?.[window] ?? window) * stride : usable;
        });
        yield { stretch: stretchOf(starts, dataOptions), ends: true, items: itemsFrom(starts) };
      }
    },
  };

  /** Steps with a target in the windows that start there. */
  function itemsFrom(starts: readonly number[]): number {
    return starts.reduce((sum, start) => sum + Math.min(length, Math.max(0, usable - start)), 0);
  }

  function stretchOf(starts: readonly number[], dataOptions: DataOptions): WindowStretch {
    const mask = Int32Array.from({ length: length * batch }, (_, at) =>
      Number((starts[at % batch] as number) + Math.floor(at / batch) < usable),
    );
    const gather = (from: Rows, ahead: number): Tensor => {
      const values = new Float64Array(length * batch * from.features);
      for (let at = 0; at < length * batch; at++) {
        if (mask[at] === 0) continue;
        const row = (starts[at % batch] as number) + Math.floor(at / batch) + ahead;
        for (let feature = 0; feature < from.features; feature++)
          values[at * from.features + feature] = from.value(row, feature);
      }
      return fromArray(values, [length, batch, from.features], dataOptions);
    };
    return keep({
      inputs: gather(inputs, 0),
      targets: gather(targets, horizon),
      mask: mask.includes(0) ? fromArray(mask, [length, batch], { ...dataOptions, dtype: 'i32' }) : null,
    });
  }
}

interface Rows {
  readonly rows: number;
  readonly features: number;
  value(row: number, feature: number): number;
}

function rowsOf(name: string, series: Series): Rows {
  const first = series[0];
  if (first === undefined) throw new DataError(`windows: the ${name} has no steps.`);
  if (typeof first === 'number') {
    const values = series as ArrayLike<number>;
    return { rows: series.length, features: 1, value: (row) => values[row] as number };
  }
  const values = series as ArrayLike<ArrayLike<number>>;
  for (let row = 0; row < values.length; row++) {
    const given = values[row]?.length;
    if (given !== first.length)
      throw new DataError(`windows: step ${row} of the ${name} has ${given} numbers, but step 0 has ${first.length}.`);
  }
  return {
    rows: values.length,
    features: first.length,
    value: (row, feature) => (values[row] as ArrayLike<number>)[feature] as number,
  };
}

function checkCounts(counts: Readonly<Record<string, number>>, horizon: number): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ArgumentError(`windows: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  if (!Number.isSafeInteger(horizon) || horizon < 0)
    throw new ArgumentError(`windows: horizon must be a whole number ≥ 0, but is ${horizon}.`);
}
