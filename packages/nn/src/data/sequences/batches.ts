import { foldIn, type Key } from '@tempograd/core';
import { permutation } from '../permutation.js';

/** How sequences become batches. */
export interface BatchPlan {
  readonly batch: number;
  /** Draws the order of one epoch. */
  readonly shuffle: Key | null;
  /** Whether sequences of about the same length stand together. */
  readonly bucket: boolean;
  /** Sequences that are held, and put in order, at a time. */
  readonly buffer: number;
  readonly lastBatch: 'keep' | 'drop';
}

/** Each sequence once, in batches: `buffer` of them are put in order at a time, and what makes no full batch waits for more. */
export async function* batchesOf<X extends { readonly length: number }>(
  sequences: Iterable<X> | AsyncIterable<X>,
  plan: BatchPlan,
): AsyncGenerator<readonly X[], void, void> {
  let held: X[] = [];
  let block = 0;
  for await (const sequence of sequences) {
    if (held.length === plan.buffer) {
      const { batches, rest } = inOrder(held, plan, block++, false);
      yield* batches;
      held = rest;
    }
    held.push(sequence);
  }
  yield* inOrder(held, plan, block, true).batches;
}

/** The batches of a block, and what is left over when it is not the last one. */
export function inOrder<X extends { readonly length: number }>(
  block: readonly X[],
  { batch, shuffle, bucket, lastBatch }: BatchPlan,
  number: number,
  last: boolean,
): { readonly batches: readonly (readonly X[])[]; readonly rest: X[] } {
  const key = shuffle === null ? null : foldIn(shuffle, number);
  const order = key === null ? block : permutation(key, block.length).map((at) => block[at] as X);
  // What is left over is chosen before sorting by length: else it would always be the longest.
  const full = order.length - (order.length % batch);
  const kept = last && lastBatch === 'keep' ? order : order.slice(0, full);
  const sorted = bucket ? kept.toSorted((a, b) => a.length - b.length) : kept;
  const batches = Array.from({ length: Math.ceil(sorted.length / batch) }, (_, at) =>
    sorted.slice(at * batch, (at + 1) * batch),
  );
  const mixed =
    bucket && key !== null ? permutation(foldIn(key, 0), batches.length).map((at) => batches[at] as X[]) : batches;
  return { batches: mixed, rest: last ? [] : order.slice(full) };
}
