import type { Tensor } from '@tempograd/core';

/** What the numbers of a model mean: logits of classes, logits of yes or no (each output by itself), or numbers as they are. */
export type PredictionKind = 'classes' | 'binary' | 'numbers';

/** Predictions of a stretch beside what they should have been; what a task's `scored` gives, and metrics compare. */
export interface Scored {
  readonly kind: PredictionKind;
  /** `[time, batch, outputs]`: logits for classes and binary outputs, else numbers. */
  readonly predictions: Tensor;
  /** Classes, i32 `[time, batch]`; else shaped like the predictions. */
  readonly targets: Tensor;
  /** i32 `[time, batch]`: 0 where nothing is to be compared; a class below 0 is not either. Default: everything counts. */
  readonly mask?: Tensor | null;
}

/** The items of a stretch that count, those left out by a mask already gone. Arrays are row-major, and valid during the call only. */
export interface ScoredItems {
  readonly kind: PredictionKind;
  /** How many items there are. */
  readonly count: number;
  /** Numbers predicted for each item: classes, or outputs. */
  readonly outputs: number;
  /** `[count, outputs]` */
  readonly predictions: ArrayLike<number>;
  /** `[count]` for classes, else `[count, outputs]`. */
  readonly targets: ArrayLike<number>;
  /** `[count]`: the step of its sequence that an item belongs to, from 0. */
  readonly steps: ArrayLike<number>;
  /** `[count]`: the row of the batch. */
  readonly rows: ArrayLike<number>;
}

/** A measurement under way. */
export interface Measurement<V> {
  /** Takes the items of a stretch into account. */
  add(items: ScoredItems): void;
  /** What the items so far come to. */
  value(): V;
}

/**
 * A figure of how good predictions are, over any number of stretches: every item weighs the same, however the data is cut into
 * batches. One of your own is an object with `start`, which gives an object with `add` and `value`.
 */
export interface Metric<V = number> {
  /** The kinds of predictions it is for; default is all. */
  readonly kinds?: readonly PredictionKind[];
  /** Begins a measurement. */
  start(): Measurement<V>;
}

/** Metrics by the names that their values shall have. */
export type Metrics = Readonly<Record<string, Metric<unknown>>>;

/** The values of metrics, by name. */
export type MetricValues<M extends Metrics> = { readonly [K in keyof M]: M[K] extends Metric<infer V> ? V : never };
