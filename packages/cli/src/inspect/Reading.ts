import { fromArray, type Tensor } from '@tempograd/core';
import type { RandomAccessItems } from '@tempograd/nn';
import { Failure } from '../Failure.js';

/** Inputs and targets of some rows side by side, `[time, rows]`. */
export interface RowStretch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** Pieces of a text that are read side by side. */
export interface Reading {
  /** Steps of each. */
  readonly steps: number;
  /** The items of each, `steps + 1` of them: the last is foretold only. */
  readonly rows: readonly Int32Array[];
  /** Steps `from` to `to` of the first `rows` rows; the caller's. */
  stretch(from: number, to: number, rows?: number): RowStretch;
}

/** The last share of a text, which `tempograd train` holds out, is read where it is long enough. */
const heldOutShare = 0.1;

/**
 * Takes up to `rows` pieces of `steps` steps, evenly spread over the end of a text that a training holds out; over the whole of a short one.
 * @throws Failure for a text that is shorter than one of them.
 */
export async function readRows(title: string, items: RandomAccessItems, steps: number, rows: number): Promise<Reading> {
  const { length } = items;
  const span = steps + 1;
  if (length < span) {
    throw new Failure(
      `The text ${title} is too short to look at: it has ${length} items, and ${span} are read one after the other. Give a longer text, or fewer --steps.`,
    );
  }
  const heldOut = Math.floor(length * heldOutShare);
  const room = heldOut >= span * Math.min(rows, 8) ? heldOut : length;
  const count = Math.min(rows, Math.floor(room / span));
  const begin = length - room;
  const taken: Int32Array[] = [];
  for (let row = 0; row < count; row++) {
    const from = begin + Math.floor((row * (room - span)) / Math.max(1, count - 1));
    taken.push(Int32Array.from(await items.read(from, from + span)));
  }
  return { steps, rows: taken, stretch: (from, to, some = count) => stretchOf(taken.slice(0, some), from, to) };
}

function stretchOf(rows: readonly Int32Array[], from: number, to: number): RowStretch {
  const shape = [to - from, rows.length];
  const take = (shift: number): Tensor => {
    const ids = new Int32Array((to - from) * rows.length);
    for (let t = from; t < to; t++) {
      for (const [row, items] of rows.entries()) ids[(t - from) * rows.length + row] = items[t + shift] as number;
    }
    return fromArray(ids, shape, { dtype: 'i32' });
  };
  return { inputs: take(0), targets: take(1) };
}
