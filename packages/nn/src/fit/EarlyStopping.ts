import { ArgumentError, assign, disposeTree, keep, mul, scope, treeMap, treeZip } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import {
  checkMetric,
  isBetter,
  requireDirection,
  watchedValue,
  type Direction,
  type WatchedMetric,
  type WatchedStep,
} from '../watch/index.js';

/** When to stop, and on what. */
export interface EarlyStoppingOptions {
  /** Values without improvement that are borne; with one more training ends. */
  readonly patience: number;
  /** By how much a value must be better than the best to count; default is 0. */
  readonly minDelta?: number;
  /**
   * What is watched; default is `'loss'`, that of the evaluation, or of each step where none is asked for: the best parameters are
   * then those that the step's loss was taken at, before its update.
   */
  readonly metric?: WatchedMetric;
  /** `'max'` where more is better, as of an accuracy; default is `'min'`. Of a metric by name it has to be said. */
  readonly direction?: Direction;
}

/** The best of what was watched so far. */
export interface Best {
  readonly update: number;
  readonly value: number;
}

/** Where early stopping stands, beside the best parameters: plain JSON. */
export interface EarlyStoppingState {
  readonly best: Best;
  /** Values since the best. */
  readonly waited: number;
}

const stoppingTable = optionTable<EarlyStoppingOptions>({
  patience: required('number'),
  minDelta: 'number',
  metric: 'string or function',
  direction: ['min', 'max'],
});

/** @throws ArgumentError for settings that make no sense; `metrics` are the names of those evaluated, null where nothing is. */
export function checkEarlyStopping(options: EarlyStoppingOptions, metrics: readonly string[] | null): void {
  checkOptions('fit', options, stoppingTable, 'earlyStopping');
  const { patience, minDelta = 0, metric = 'loss' } = options;
  if (!Number.isSafeInteger(patience) || patience < 0)
    throw new ArgumentError(`fit: earlyStopping.patience must be a whole number ≥ 0, but is ${patience}.`);
  if (!(minDelta >= 0 && Number.isFinite(minDelta)))
    throw new ArgumentError(`fit: earlyStopping.minDelta must be a finite number ≥ 0, but is ${minDelta}.`);
  checkMetric('fit: earlyStopping', metric, metrics);
  requireDirection('fit: earlyStopping', metric, options.direction);
}

/** Keeps the best parameters, and knows when training is over. */
export class EarlyStopping<P> {
  #options: EarlyStoppingOptions;
  /** What is kept of, the caller's. */
  readonly params: P;
  #state: EarlyStoppingState | null = null;
  #kept: P | null = null;
  /** The parameters before the update to come, where the losses of the steps themselves are watched, which are taken at these. */
  #before: P | null = null;

  /** Keeps what of `params` is best, which stay the caller's. */
  constructor(options: EarlyStoppingOptions, params: P) {
    this.#options = options;
    this.params = params;
  }

  get best(): Best | null {
    return this.#state?.best ?? null;
  }

  get isOver(): boolean {
    return (this.#state?.waited ?? 0) > this.#options.patience;
  }

  /** Where it stands; null where it has seen nothing. */
  get state(): EarlyStoppingState | null {
    return this.#state;
  }

  /** The best parameters, its own; null where it has seen nothing. */
  get kept(): P | null {
    return this.#kept;
  }

  /** Training begins, or goes on, with these parameters, which are borrowed. */
  begin(params: P, evaluates: boolean): void {
    if (!evaluates && (this.#options.metric ?? 'loss') === 'loss') this.#before = copyOf(params);
  }

  /** Looks at a step, when the parameters are those after it. */
  see(update: number, step: WatchedStep, evaluates: boolean): void {
    const { metric = 'loss', direction = 'min', minDelta = 0 } = this.#options;
    const value = watchedValue('fit: earlyStopping', metric, step, evaluates);
    if (value === null) return;
    const before = this.#state;
    if (isBetter(value, before?.best.value ?? null, direction, minDelta)) {
      this.#keep(this.#before ?? this.params);
      this.#state = { best: { update, value }, waited: 0 };
    } else if (before !== null) this.#state = { ...before, waited: before.waited + 1 };
    if (this.#before === null) return;
    disposeTree(this.#before);
    this.#before = copyOf(this.params);
  }

  /** Goes on where it stood; the parameters are borrowed. */
  resume(state: EarlyStoppingState, kept: P): void {
    this.#state = state;
    this.#keep(kept);
  }

  /** Gives the parameters their best values. */
  restore(): void {
    if (this.#kept === null) return;
    treeZip(this.params, this.#kept, (parameter, value) => {
      assign(parameter, value);
      return parameter;
    });
  }

  dispose(): void {
    disposeTree([this.#kept, this.#before]);
    this.#kept = null;
    this.#before = null;
  }

  #keep(params: P): void {
    const kept = copyOf(params);
    disposeTree(this.#kept);
    this.#kept = kept;
  }
}

/** A copy, since parameters that others share are stepped by another path, which rounds otherwise. Outside every scope. */
function copyOf<P>(params: P): P {
  return scope(() => keep(treeMap(params, (leaf) => mul(leaf, 1))));
}
