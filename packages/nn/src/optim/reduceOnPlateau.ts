import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { isBetter, requireDirection, type Direction, type WatchedMetric } from '../watch/index.js';
import { requireRate, type Schedule } from './schedules.js';

/** When to lower a learning rate, and by how much. */
export interface PlateauOptions {
  /** Values without improvement that are borne; with one more the rate falls. */
  readonly patience: number;
  /** Multiplies the rate each time, between 0 and 1; default is 0.5. */
  readonly factor?: number;
  /** The rate falls no lower; default is 0. */
  readonly minimum?: number;
  /** By how much a value must be better than the best to count; default is 0. */
  readonly minDelta?: number;
  /** What `fit` shows it; default is `'loss'`, that of the evaluation where there is one. */
  readonly metric?: WatchedMetric;
  /** `'max'` where more is better, as of an accuracy; default is `'min'`. Of a metric by name it has to be said. */
  readonly direction?: Direction;
}

/** Where a rate on a plateau stands: plain JSON. */
export interface PlateauState {
  readonly best: number | null;
  /** Values since the best. */
  readonly waited: number;
  readonly reductions: number;
}

/** A schedule that watches how training goes. `fit` shows it each step, and saves and resumes where it stands. */
export interface PlateauSchedule extends Schedule {
  readonly watch: ScheduleWatch;
}

/** What a schedule watches, and where it stands. */
export interface ScheduleWatch {
  readonly metric: WatchedMetric;
  /** Takes a value of the metric; in a loop of one's own, call it with what was measured. */
  see(value: number): void;
  /** Where it stands, to be saved. */
  state(): PlateauState;
  /** Goes on from where one stood. */
  restore(state: PlateauState): void;
}

const plateauTable = optionTable<PlateauOptions>({
  patience: required('number'),
  factor: 'number',
  minimum: 'number',
  minDelta: 'number',
  metric: 'string or function',
  direction: ['min', 'max'],
});

/**
 * A rate, or a schedule, multiplied by `factor` each time that what is watched has not become better for more than `patience`
 * values: `adam({ learningRate: reduceOnPlateau(0.01, { patience: 3 }) })`. It holds where it stands, so that each training needs
 * one of its own.
 */
export function reduceOnPlateau(rate: number | Schedule, options: PlateauOptions): PlateauSchedule {
  if (typeof rate !== 'function') requireRate('reduceOnPlateau', rate);
  else if (rate.watch !== undefined)
    throw new ArgumentError('reduceOnPlateau: the schedule watches a plateau already; give it a rate, or another one.');
  checkOptions('reduceOnPlateau', options, plateauTable);
  const { patience, factor = 0.5, minimum = 0, minDelta = 0, metric = 'loss', direction = 'min' } = options;
  checkValues({ patience, factor, minimum, minDelta });
  requireDirection('reduceOnPlateau', metric, options.direction);
  let [best, waited, reductions]: [number | null, number, number] = [null, 0, 0];
  const schedule = (step: number): number => {
    const full = typeof rate === 'function' ? rate(step) : rate;
    return Math.min(full, Math.max(minimum, full * factor ** reductions));
  };
  const watch: ScheduleWatch = {
    metric,
    see(value) {
      if (typeof value !== 'number')
        throw new ArgumentError(`reduceOnPlateau: what it sees must be a number, but is ${String(value)}.`);
      if (isBetter(value, best, direction, minDelta)) [best, waited] = [value, 0];
      else if (++waited > patience) [waited, reductions] = [0, reductions + 1];
    },
    state: () => ({ best, waited, reductions }),
    restore: (state) => void ({ best, waited, reductions } = state),
  };
  return Object.assign(schedule, { watch });
}

function checkValues({ patience, factor, minimum, minDelta }: Readonly<Record<string, number>>): void {
  if (!Number.isSafeInteger(patience) || (patience as number) < 0)
    throw new ArgumentError(`reduceOnPlateau: patience must be a whole number ≥ 0, but is ${patience}.`);
  if (!((factor as number) > 0 && (factor as number) < 1))
    throw new ArgumentError(`reduceOnPlateau: factor must lie between 0 and 1, but is ${factor}.`);
  for (const [name, value] of Object.entries({ minimum, minDelta })) {
    if (!((value as number) >= 0 && Number.isFinite(value)))
      throw new ArgumentError(`reduceOnPlateau: ${name} must be a finite number ≥ 0, but is ${value}.`);
  }
}
