import { ArgumentError } from '@tempograd/core';
import type { Direction } from './isBetter.js';

/** What a watcher sees of a step of training. */
export interface WatchedStep {
  readonly loss: number;
  readonly evaluation: { readonly loss: number; readonly metrics: Readonly<Record<string, unknown>> } | null;
}

/**
 * What is watched: `'loss'`, that of the evaluation, or of each step where `fit` is asked for no evaluation; the name of a metric of
 * the evaluation; or a function of a step, which gives null where there is nothing to see.
 */
export type WatchedMetric = string | ((step: WatchedStep) => number | null);

/** @throws ArgumentError for a metric that no step can have. */
export function checkMetric(of: string, metric: WatchedMetric, evaluated: readonly string[] | null): void {
  if (typeof metric === 'function' || metric === 'loss' || evaluated?.includes(metric)) return;
  throw new ArgumentError(
    `${of}: the metric "${metric}" is not evaluated; ${
      evaluated === null
        ? 'give fit evaluate: { data, every, metrics } with it'
        : `there is ${['loss', ...evaluated].join(', ')}`
    }. A function of the step works too: ({ evaluation }) => evaluation && ….`,
  );
}

/** @throws ArgumentError for a metric by name of which nobody said whether more of it is better: only of the loss that is known. */
export function requireDirection(of: string, metric: WatchedMetric, direction: Direction | undefined): void {
  if (direction !== undefined || typeof metric === 'function' || metric === 'loss') return;
  throw new ArgumentError(
    `${of}: direction is missing: say 'max' if more of "${metric}" is better, as of an accuracy, and 'min' if less is, as of an error.`,
  );
}

/** What a step says of a metric, null where it says nothing. @throws ArgumentError where that is no number. */
export function watchedValue(
  of: string,
  metric: WatchedMetric,
  { loss, evaluation }: WatchedStep,
  evaluates: boolean,
): number | null {
  if (metric === 'loss' && !evaluates) return loss;
  const value =
    typeof metric === 'function'
      ? metric({ loss, evaluation })
      : evaluation && (metric === 'loss' ? evaluation.loss : evaluation.metrics[metric]);
  if (value === null || typeof value === 'number') return value;
  throw new ArgumentError(
    `${of}: what is watched must be a number, but ${typeof metric === 'function' ? 'the function gave' : `"${metric}" is`} ${
      value === undefined ? 'nothing' : `a ${typeof value}`
    }. Give a function that picks a number of it.`,
  );
}
