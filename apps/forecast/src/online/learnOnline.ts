import { fromArray, keep, key as keyOf, truncatedBptt } from '@tempograd/core';
import { adam, fit, predictor, sequenceModel, type DataSource, type SequenceStretch } from '@tempograd/nn';
import { RunningScale } from './RunningScale.js';

/** How to learn from a stream. */
export interface OnlineOptions {
  readonly hidden: number;
  readonly seed: number;
  /** The share of values that the band is to hold. */
  readonly share: number;
  readonly signal?: AbortSignal;
}

/** What is said after each value. */
export interface OnlineForecast {
  /** How many values have come. */
  readonly count: number;
  readonly value: number;
  /** What the next value will be. */
  readonly next: number;
  /** How far on either side the band reaches; null until there are errors to take it from. */
  readonly reach: number | null;
  /** Mean absolute error of the forecasts so far, over that of “as the last value”. Below 1 is better; null before the second forecast. */
  readonly relativeError: number | null;
}

/** Errors that the band is taken from: the latest. */
const remembered = 200;
/** Steps that a gradient goes back. */
const backwardSteps = 20;
/** Changes before this one that are read beside it. */
const lags = 3;

/**
 * Learns from each value as it comes, one update a value by truncated BPTT, and says what the next one will be. Nothing is scaled by
 * what is still to come.
 */
export async function* learnOnline(
  values: AsyncIterable<number>,
  { hidden, seed, share, signal }: OnlineOptions,
): AsyncGenerator<OnlineForecast, void, void> {
  const model = sequenceModel({ input: { features: lags + 1 }, cell: 'gru', hidden, outputs: 1 });
  const params = model.init(keyOf(seed));
  const reader = predictor(model, params);
  const scale = new RunningScale();
  const changes: number[] = [];
  const errors: number[] = [];
  const state = { value: Number.NaN, count: 0, next: Number.NaN, wrong: 0, wrongAsLast: 0, judged: 0 };
  const features = (): number[] => Array.from({ length: lags + 1 }, (_, lag) => scale.scale(changes.at(-1 - lag) ?? 0));
  let read: number[] | null = null;

  const data: DataSource<SequenceStretch> = {
    stretches: null,
    async *open() {
      for await (const value of values) {
        const change = state.count === 0 ? 0 : value - state.value;
        if (!Number.isNaN(state.next)) {
          errors.push(Math.abs(value - state.next));
          if (errors.length > remembered) errors.shift();
          state.wrong += Math.abs(value - state.next);
          state.wrongAsLast += Math.abs(change);
          state.judged++;
        }
        if (state.count > 0) scale.add(change);
        state.value = value;
        state.count++;
        const before = read;
        changes.push(change);
        if (changes.length > lags + 1) changes.shift();
        read = features();
        if (before === null) continue;
        const inputs = fromArray(before, [1, 1, lags + 1]);
        const targets = fromArray([scale.scale(change)], [1, 1, 1]);
        yield { stretch: keep({ inputs, targets }), ends: false };
      }
    },
  };
  const training = fit({
    task: model,
    params,
    data,
    strategy: truncatedBptt({ updateEvery: 1, backwardSteps }),
    optimiser: adam({ learningRate: 0.003 }),
    clip: { norm: 1 },
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const _ of training) {
    const [change] = (await reader.step(read as unknown as number[])) as ArrayLike<number> as readonly [number];
    state.next = state.value + change * scale.deviation;
    yield {
      count: state.count,
      value: state.value,
      next: state.next,
      reach: quantile(errors, share),
      relativeError: state.judged < 2 || state.wrongAsLast === 0 ? null : state.wrong / state.wrongAsLast,
    };
  }
}

function quantile(errors: readonly number[], share: number): number | null {
  const rank = Math.ceil((errors.length + 1) * share);
  return rank > errors.length ? null : ([...errors].sort((a, b) => a - b)[rank - 1] as number);
}
