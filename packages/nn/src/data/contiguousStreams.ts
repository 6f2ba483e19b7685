import { ArgumentError, fromArray, keep, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from './DataError.js';
import { dataTable, type DataOptions, type DataPosition, type DataSource, type DataStretch } from './DataSource.js';
import { fingerprintOf } from './fingerprint.js';
import { itemPieces, itemsOf, type TextSource } from './itemSource.js';
import type { RandomAccessItems } from './RandomAccessItems.js';
import { heldRows, rowLength, rowsOf } from './rowsOf.js';
import { vocabularyKind, type Vocabulary } from './Vocabulary.js';

/** How to lay a text out for stateful training. */
export interface StreamOptions {
  /** Makes numbers of a text; needed unless the source gives numbers. */
  readonly vocabulary?: Vocabulary;
  /** Rows that run in parallel. */
  readonly batch: number;
  /** Steps of each stretch; give the strategy's `updateEvery`, so that each stretch is one update. */
  readonly steps: number;
  /**
   * For a text of unknown length and more than one row: steps of each row before all rows move on to the next part of the text,
   * where a new sequence starts. `batch · block` items are held in memory. Default is 32 stretches.
   */
  readonly block?: number;
}

const streamTable = optionTable<StreamOptions>({
  vocabulary: vocabularyKind,
  batch: required('number'),
  steps: required('number'),
  block: 'number',
});

/** A stretch of a text: at each step the item to read and the one that follows it, both i32 `[time, batch]`. */
export interface StreamStretch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/**
 * A text as `batch` parallel streams, row b of a stretch carrying on where row b of the one before it stopped, so that the carry
 * passes from stretch to stretch.
 *
 * A text of known length (a string, numbers, numbers with random access such as those of `indexTextFile(path)`) is cut into `batch`
 * equal parts, one a row; less than `batch` items at its end are left over. With random access each row reads its part as it goes,
 * and memory grows with `batch` alone. A text of unknown length (an async iterable, `textFile(path)`) is read in blocks of
 * `batch · block` items, each cut so; with one row it is one sequence from beginning to end. Memory does not grow with its length.
 * @throws DataError for a text too short to give each row one step; ArgumentError for options that make no sense.
 */
export function contiguousStreams(
  source: string | ArrayLike<number> | RandomAccessItems | TextSource,
  options: StreamOptions,
): DataSource<StreamStretch> {
  checkOptions('contiguousStreams', options, streamTable);
  const { vocabulary, batch, steps, block = 32 * steps } = options;
  for (const [name, value] of Object.entries({ batch, steps, block })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ArgumentError(`contiguousStreams: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  if (typeof source === 'function' || (typeof source === 'object' && Symbol.asyncIterator in source)) {
    return {
      stretches: null,
      open: (position, where) =>
        unknownLength(itemPieces(source, vocabulary ?? null), { batch, steps, block }, position, where),
    };
  }
  const items = hasRandomAccess(source) ? source : itemsOf(source, vocabulary ?? null);
  requireEnough(items.length, batch);
  const count = stretchCount(items.length, batch, steps);
  let fingerprint: string | null | undefined;
  return {
    stretches: count,
    get fingerprint() {
      return (fingerprint ??= fingerprintOfItems(items, { batch, steps }));
    },
    async *open({ index }, where = {}) {
      checkOptions('contiguousStreams().open', where, dataTable);
      const length = rowLength(items.length, batch);
      const rows = items instanceof Int32Array ? heldRows(items, batch) : rowsOf(items, batch);
      for (let at = index; at < count; at++) {
        const read = await rows.read(at * steps, Math.min((at + 1) * steps, length) + 1);
        yield { stretch: stretchOf(read, where), ends: at === count - 1 };
      }
    },
  };
}

async function* unknownLength(
  pieces: AsyncIterable<Int32Array>,
  { batch, steps, block }: Required<Omit<StreamOptions, 'vocabulary'>>,
  { index }: DataPosition,
  options: DataOptions = {},
): AsyncGenerator<DataStretch<StreamStretch>, void, void> {
  checkOptions('contiguousStreams().open', options, dataTable);
  const items = new Int32Array(batch === 1 ? steps + 1 : batch * block + 1);
  let filled = 0;
  let skip = index;
  let total = 0;
  function* stretches(): Generator<DataStretch<StreamStretch>> {
    const rows = heldRows(items.subarray(0, filled), batch);
    const length = rowLength(filled, batch);
    const count = stretchCount(filled, batch, steps);
    for (let at = Math.min(skip, count); at < count; at++) {
      const read = rows.read(at * steps, Math.min((at + 1) * steps, length) + 1);
      yield { stretch: stretchOf(read, options), ends: batch > 1 && at === count - 1 };
    }
    skip = Math.max(0, skip - count);
  }
  for await (const piece of pieces) {
    total += piece.length;
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + items.length - filled);
      items.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < items.length) continue;
      yield* stretches();
      // The last item was a target only; it is yet to be read.
      items[0] = items[filled - 1] as number;
      filled = 1;
    }
  }
  if (total > 0) requireEnough(total, batch);
  if (filled > batch) yield* stretches();
}

/** Of items that are read as they are needed, what they say of themselves. */
function fingerprintOfItems(
  items: Int32Array | RandomAccessItems,
  { batch, steps }: Pick<StreamOptions, 'batch' | 'steps'>,
): string | null {
  const cut = { of: 'contiguousStreams', batch, steps, length: items.length };
  if (items instanceof Int32Array)
    return fingerprintOf(cut, { places: items.length, width: 1, look: (at) => items.subarray(at, at + 1) });
  const { fingerprint = null } = items;
  return fingerprint === null ? null : fingerprintOf({ ...cut, fingerprint });
}

function hasRandomAccess(source: string | ArrayLike<number> | RandomAccessItems): source is RandomAccessItems {
  return typeof source === 'object' && 'read' in source && typeof source.read === 'function';
}

/** Stretches that `length` items give. */
function stretchCount(length: number, batch: number, steps: number): number {
  return Math.ceil(rowLength(length, batch) / steps);
}

/** A stretch of what each row reads, and the last target after it. */
function stretchOf(rows: readonly Int32Array[], options: DataOptions): StreamStretch {
  const batch = rows.length;
  const length = (rows[0] as Int32Array).length - 1;
  const inputs = new Int32Array(length * batch);
  const targets = new Int32Array(length * batch);
  for (const [row, items] of rows.entries()) {
    for (let step = 0; step < length; step++) {
      inputs[step * batch + row] = items[step] as number;
      targets[step * batch + row] = items[step + 1] as number;
    }
  }
  const integers = { ...options, dtype: 'i32' } as const;
  return keep({
    inputs: fromArray(inputs, [length, batch], integers),
    targets: fromArray(targets, [length, batch], integers),
  });
}

function requireEnough(length: number, batch: number): void {
  if (length > batch) return;
  throw new DataError(
    `contiguousStreams: the text has ${length} items, but ${batch} rows need at least ${batch + 1}: one to read and one to predict each. ` +
      'Give a longer text or a smaller batch.',
  );
}
