import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required, type ObjectKind } from '@tempograd/core/backend';
import type { ListSeries } from '../data/index.js';
import { DataError } from '../data/index.js';
import type { Metric, ScoredItems } from './Metric.js';
import { meanOf } from './sums.js';

/** What brings targets back to their units: a `Scaler`, or anything with its `inverse`. */
export interface TargetScaler {
  /** How many channels it scales; default is 1. */
  readonly channels?: number;
  /** Values in their units, of scaled ones: the channels of a step side by side. */
  inverse(values: Float64Array): ArrayLike<number>;
}

/** In which units errors are measured. */
export interface ErrorOptions {
  /**
   * The scaler of the targets: predictions and targets are brought back by `scaler.inverse` before they are compared, which is given
   * a flat list, the outputs of an item side by side. Where only some channels of a scaler are predicted, give that of theirs,
   * `scaler.channel('temperature')`. Default is to measure in the units of the targets as they are.
   */
  readonly scaler?: TargetScaler;
}

const scalerKind: ObjectKind = { wanted: 'a scaler, such as fitScaler(training)', members: ['inverse'] };
const errorTable = optionTable<ErrorOptions>({ scaler: scalerKind });

/** Mean absolute error: the mean of `|prediction − target|` over all outputs. */
export function mae(options: ErrorOptions = {}): Metric {
  checkOptions('mae', options, errorTable);
  return meanOf(['numbers'], (items) => errors(items, options, Math.abs));
}

/** Root mean squared error: the square root of the mean of `(prediction − target)²` over all outputs. */
export function rmse(options: ErrorOptions = {}): Metric {
  checkOptions('rmse', options, errorTable);
  return meanOf(['numbers'], (items) => errors(items, options, (error) => error * error), Math.sqrt);
}

/** What an error is measured against. */
export interface MaseOptions extends ErrorOptions {
  /**
   * The series that the model is trained on, in the units that are measured in: one number a step, or one for each channel. Where the
   * model predicts several steps at once, its outputs are the channels of the first step, then those of the second, and so on.
   */
  readonly training: ListSeries;
  /** Steps of a season: the naive forecast is the value so many steps ago; 1 is the value before. */
  readonly season: number;
}

const maseTable = optionTable<MaseOptions>({
  training: required('array'),
  season: required('number'),
  scaler: scalerKind,
});

/**
 * Mean absolute scaled error: of each output the mean absolute error over that of the seasonal-naive forecast on the training
 * series, `mean |y_t − y_{t−season}|`; then the mean over outputs. Below 1 is better than naive. Source: Hyndman & Koehler 2006.
 * @throws DataError for a training series no longer than a season, or one that the naive forecast has no error on.
 */
export function mase(options: MaseOptions): Metric {
  checkOptions('mase', options, maseTable);
  const { training, season } = options;
  if (!Number.isSafeInteger(season) || season < 1)
    throw new ArgumentError(`mase: season must be a whole number of steps ≥ 1, but is ${season}.`);
  const scales = naiveErrors(training, season);
  return meanOf(['numbers'], (items) => {
    if (items.outputs % scales.length !== 0)
      throw new ArgumentError(
        `mase: the training series has ${scales.length} numbers a step, but the model predicts ${items.outputs}, which is not as many for each step.`,
      );
    return errors(items, options, (error, output) => Math.abs(error) / (scales[output % scales.length] as number));
  });
}

function errors(
  { predictions, targets, count, outputs }: ScoredItems,
  { scaler }: ErrorOptions,
  of: (error: number, output: number) => number,
): { sum: number; count: number } {
  const { channels = 1 } = scaler ?? {};
  if (outputs % channels !== 0) {
    throw new ArgumentError(
      `scaler: it scales ${channels} channels, but the model predicts ${outputs === 1 ? '1 number' : `${outputs} numbers`} a step, which ` +
        "cannot be these. Give the scaler of the channel that is predicted: scaler.channel('name').",
    );
  }
  const inUnits = (values: ArrayLike<number>): ArrayLike<number> =>
    scaler?.inverse(Float64Array.from(values)) ?? values;
  const [predicted, right] = [inUnits(predictions), inUnits(targets)];
  let sum = 0;
  for (let at = 0; at < count * outputs; at++)
    sum += of((predicted[at] as number) - (right[at] as number), at % outputs);
  return { sum, count: count * outputs };
}

/** Of each number of a step, the mean absolute error of the value `season` steps before. */
function naiveErrors(series: ListSeries, season: number): number[] {
  const steps = series.length - season;
  if (steps < 1)
    throw new DataError(
      `mase: the training series has ${series.length} steps, too few for a season of ${season}; ${season + 1} are needed at least.`,
    );
  const numbers = (step: number): ArrayLike<number> => {
    const at = series[step] as number | ArrayLike<number>;
    return typeof at === 'number' ? [at] : at;
  };
  return Array.from(numbers(0), (_, output) => {
    let sum = 0;
    for (let step = season; step < series.length; step++)
      sum += Math.abs((numbers(step)[output] as number) - (numbers(step - season)[output] as number));
    if (sum > 0) return sum / steps;
    throw new DataError(
      `mase: the seasonal-naive forecast of output ${output} has an error of ${sum} on the training series, so that nothing can be measured against it.` +
        (sum === 0 ? ' The series repeats itself exactly; use mae().' : ' Leave out what is not a number.'),
    );
  });
}
