import type { Backend, FloatDType } from '@tempograd/core';
import { optionTable, type OptionTable } from '@tempograd/core/backend';

/** Where a source stands: plain JSON, so that it can be stored and gone back to. */
export interface DataPosition {
  /** Times through the data so far. */
  readonly epoch: number;
  /** Stretches given so far in this epoch. */
  readonly index: number;
}

/** Where and as what a source makes its tensors. */
export interface DataOptions {
  /** Where tensors are made; default is the selected one. */
  readonly backend?: Backend;
  /** Of inputs and targets that are not classes. Default is f32. */
  readonly dtype?: FloatDType;
}

/** Kinds of `DataOptions`. */
export const dataTable: OptionTable = optionTable<DataOptions>({ backend: 'backend', dtype: ['f32', 'f64'] });

/** Some steps of a sequence, or of several in parallel. */
export interface DataStretch<S> {
  /** A tree of `[time, batch, …]` tensors, owned by whoever asked for it. */
  readonly stretch: S;
  /** Whether the sequence ends with it, so that the next stretch starts a new one with a fresh carry. The end of an epoch ends it too. */
  readonly ends: boolean;
  /**
   * Losses in the WHOLE sequence that the stretch belongs to, where the source can tell before it is over: the pairs of step and row
   * that count, however many numbers a label has. The same in every stretch of a sequence. `fit` divides the sequence's gradients by it.
   */
  readonly items?: number;
}

/**
 * What a model is trained on: stretches, each of which carries on where the one before it stopped, until a sequence ends.
 * Anyone can write one: an object with `open`.
 */
export interface DataSource<S> {
  /** Stretches in one epoch; null where that is not known before. */
  readonly stretches: number | null;
  /**
   * Tells the data, and how it is cut, from other data of the same size: the same whenever and wherever the same data is cut alike. A
   * checkpoint keeps it, and `resume` refuses another. Null, or left out, where it cannot be known: then nothing is compared.
   */
  readonly fingerprint?: string | null;
  /** The stretches of one epoch from a position on. The same position gives the same stretches, whenever it is asked for. */
  open(position: DataPosition, options?: DataOptions): AsyncIterable<DataStretch<S>>;
}
