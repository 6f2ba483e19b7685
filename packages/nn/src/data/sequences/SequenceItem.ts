import type { Tensor } from '@tempograd/core';

/** The steps of a sequence: a number each, or a row of numbers each. */
export type SequenceValues = ArrayLike<number> | ArrayLike<ArrayLike<number>>;

/** What is read at each step: one kind of input, or several of the same length by name. */
export type SequenceInput = SequenceValues | Readonly<Record<string, SequenceValues>>;

/**
 * A sequence with what is to be learnt of it. Its inputs are item numbers where they are whole numbers in a list or an integer
 * array, and features where they are rows, or in a `Float32Array` or `Float64Array`. Its targets are one label, or one a step.
 */
export interface LabelledSequence<I extends SequenceInput = SequenceInput> {
  readonly inputs: I;
  readonly targets: number | SequenceValues;
}

/**
 * Many sequences: a list, or something that gives them one after the other, such as `jsonLines(path)`. That is opened once an
 * epoch; a generator can be read once only, so give the function that makes it.
 */
export type SequenceSource<X> = readonly X[] | AsyncIterable<X> | (() => AsyncIterable<X> | Iterable<X>);

/** Tensors of several inputs by name where a sequence has several, else one. */
export type InputTensors<I extends SequenceInput> = [I] extends [ArrayLike<unknown>]
  ? Tensor
  : { readonly [K in keyof I]: Tensor };

/** Sequences side by side, one a row, filled up to the longest. */
export interface SequencesStretch<I extends SequenceInput = SequenceValues> {
  /** i32 `[time, batch]` of item numbers, or `[time, batch, features]`; by name where there are several. */
  readonly inputs: InputTensors<I>;
  /** i32 `[time, batch]` of classes, −1 where there is none, or `[time, batch, outputs]`. */
  readonly targets: Tensor;
  /** i32 `[time, batch]`, 0 at padding; null in a batch that has none. */
  readonly mask: Tensor | null;
  /** i32 `[time, batch]`, 1 at the last step of each sequence, where its one label is; null where each step has a label. */
  readonly lossMask: Tensor | null;
}
