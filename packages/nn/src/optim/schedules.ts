import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { ScheduleWatch } from './reduceOnPlateau.js';

/** The learning rate of an update as a function of its number, counted from 0. */
export interface Schedule {
  (step: number): number;
  /** What the schedule watches of a training, where it does: see `reduceOnPlateau`. */
  readonly watch?: ScheduleWatch;
}

/** The same rate always. */
export function constantSchedule(rate: number): Schedule {
  requireRate('constantSchedule', rate);
  return () => rate;
}

const stepTable = optionTable<Parameters<typeof stepSchedule>[1]>({
  every: required('number'),
  factor: required('number'),
});
const cosineTable = optionTable<Parameters<typeof cosineSchedule>[1]>({
  steps: required('number'),
  minimum: 'number',
});
const warmUpTable = optionTable<Parameters<typeof warmUp>[1]>({ steps: required('number'), startFactor: 'number' });

/** `rate · factor^⌊step / every⌋`. */
export function stepSchedule(rate: number, options: { readonly every: number; readonly factor: number }): Schedule {
  requireRate('stepSchedule', rate);
  checkOptions('stepSchedule', options, stepTable);
  const { every, factor } = options;
  requireSteps('stepSchedule', 'every', every);
  requireNumber('stepSchedule', 'factor', factor);
  return (step) => rate * factor ** Math.floor(step / every);
}

/** Half a cosine from `rate` down to `minimum` over `steps` updates, then `minimum`. Source: Loshchilov & Hutter 2017, equation 5, without restarts. */
export function cosineSchedule(rate: number, options: { readonly steps: number; readonly minimum?: number }): Schedule {
  requireRate('cosineSchedule', rate);
  checkOptions('cosineSchedule', options, cosineTable);
  const { steps, minimum = 0 } = options;
  requireSteps('cosineSchedule', 'steps', steps);
  requireNumber('cosineSchedule', 'minimum', minimum);
  return (step) => minimum + ((rate - minimum) * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))) / 2;
}

/**
 * Before `after` begins at its own step 0, `steps` updates in which its first rate grows linearly from `startFactor` of it:
 * `after(0) · (s + (1−s) · step / steps)`. Composes with any schedule: `warmUp(cosineSchedule(…), { steps: 100 })`.
 */
export function warmUp(after: Schedule, options: { readonly steps: number; readonly startFactor?: number }): Schedule {
  if (typeof after !== 'function') {
    throw new ArgumentError(
      `warmUp: what comes after it must be a schedule, but is ${typeof after}; a rate as it is: constantSchedule(rate).`,
    );
  }
  checkOptions('warmUp', options, warmUpTable);
  const { steps, startFactor = 0.01 } = options;
  requireSteps('warmUp', 'steps', steps);
  if (!(startFactor >= 0 && startFactor <= 1))
    throw new ArgumentError(`warmUp: startFactor must lie in [0, 1], but is ${startFactor}.`);
  const schedule = (step: number): number =>
    step >= steps ? after(step - steps) : after(0) * (startFactor + ((1 - startFactor) * step) / steps);
  return after.watch === undefined ? schedule : Object.assign(schedule, { watch: after.watch });
}

/** @throws ArgumentError unless it is a finite number. */
export function requireRate(name: string, rate: unknown): void {
  requireNumber(name, 'the rate', rate);
}

function requireNumber(name: string, what: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw new ArgumentError(`${name}: ${what} must be a finite number, but is ${String(value)}.`);
}

function requireSteps(name: string, what: string, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1)
    throw new ArgumentError(`${name}: ${what} must be a whole number ≥ 1, but is ${steps}.`);
}
