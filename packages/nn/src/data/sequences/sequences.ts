import { ArgumentError, foldIn, type Key } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { dataTable, type DataPosition, type DataSource, type DataStretch } from '../DataSource.js';
import { batchesOf, inOrder, type BatchPlan } from './batches.js';
import { describe } from '../describe.js';
import { readSequence, requireSameLayout, type Layout, type ReadSequence, type TargetOptions } from './readSequence.js';
import type { LabelledSequence, SequenceSource, SequencesStretch, SequenceValues } from './SequenceItem.js';
import { sequencesFingerprint } from './sequencesFingerprint.js';
import { itemsIn, stretchOf, type Laid } from './stretchOf.js';

/** How sequences are put in batches, and how their targets are to be read. */
export interface SequencesOptions {
  /** Sequences in parallel. */
  readonly batch: number;
  /** A key draws another order in each epoch; default is the source's own order. */
  readonly shuffle?: Key;
  /** Puts sequences of about the same length together, so that little is padding. Default is false. */
  readonly bucket?: boolean;
  /**
   * Sequences that are held, and shuffled or sorted by length, at a time: at least `batch`. Default is all of a list, and
   * 64 batches of a source of unknown length.
   */
  readonly buffer?: number;
  /** What becomes of a last batch that is not full; it has fewer rows when it is kept, which is the default. */
  readonly lastBatch?: 'keep' | 'drop';
  /** Where shorter sequences are filled up; default is after their end. */
  readonly padding?: 'right' | 'left';
  /** Cuts each batch into stretches of so many steps, all of one sequence; default is one stretch. */
  readonly steps?: number;
  /** Default: rows and `Float64Array`s are numbers to predict, plain numbers are classes. */
  readonly targets?: 'classes' | 'numbers';
  /** Default: one number is the label of the whole sequence, at its end; a list has one for each step. */
  readonly targetsAt?: 'steps' | 'end';
  /** How many classes there are: a target beyond them is refused. */
  readonly classes?: number;
}

const sequencesTable = optionTable<SequencesOptions>({
  batch: required('number'),
  shuffle: 'key',
  bucket: 'boolean',
  buffer: 'number',
  lastBatch: ['keep', 'drop'],
  padding: ['right', 'left'],
  steps: 'number',
  targets: ['classes', 'numbers'],
  targetsAt: ['steps', 'end'],
  classes: 'number',
});

/**
 * Many sequences of different lengths, `batch` of them side by side, each batch with a fresh carry and filled up to its longest
 * sequence with a mask. Targets are a label for each sequence, learnt at its last step, or one for each step; sequences without
 * targets learn to predict their own next step.
 *
 * In each epoch every sequence comes once. The same position gives the same stretches, so that a run can be resumed anywhere. Of
 * a source of unknown length `buffer` sequences are in memory.
 * @throws DataError for sequences that cannot be trained on, by their number and step: those of a list at once, others as they
 * come; ArgumentError for options that make no sense.
 */
export function sequences<X extends LabelledSequence>(
  source: SequenceSource<X>,
  options: SequencesOptions,
): DataSource<SequencesStretch<X['inputs']>>;
export function sequences(
  source: SequenceSource<SequenceValues>,
  options: SequencesOptions,
): DataSource<SequencesStretch>;
export function sequences(source: SequenceSource<unknown>, options: SequencesOptions): DataSource<SequencesStretch> {
  if (Array.isArray(options) && options.length > 0)
    throw new ArgumentError(
      'sequences: inputs and targets go together, as one list: sequences(list.map((inputs, index) => ({ inputs, targets: targets[index] })), { batch }).',
    );
  checkOptions('sequences', options, sequencesTable);
  const { batch, steps = Infinity, padding = 'right', shuffle, bucket = false, lastBatch = 'keep' } = options;
  checkCounts(options);
  const known = Array.isArray(source) ? readAll(source, options, batch) : null;
  const buffer = options.buffer ?? known?.sequences.length ?? (shuffle === undefined && !bucket ? batch : 64 * batch);
  const plan = { batch, shuffle: null, bucket, buffer, lastBatch };
  const opened = new Set<unknown>();
  let fingerprint: string | null | undefined;
  return {
    stretches: known === null ? null : stretchCount(known.sequences, plan, steps, shuffle !== undefined),
    get fingerprint() {
      const cut = { of: 'sequences', ...plan, shuffle, steps, padding, layout: known?.layout() };
      return (fingerprint ??= known && sequencesFingerprint(known.sequences, cut));
    },
    open: (position, where = {}) => {
      checkOptions('sequences().open', where, dataTable);
      return open(position, where);
    },
  };

  async function* open(
    { epoch, index }: DataPosition,
    where: Parameters<typeof stretchOf>[4],
  ): AsyncGenerator<DataStretch<SequencesStretch>, void, void> {
    const reading = known ?? reader(oneByOne(source as Unlisted, opened), options);
    const ordered = { ...plan, shuffle: shuffle === undefined ? null : foldIn(shuffle, epoch) };
    let skip = index;
    for await (const rows of batchesOf(reading.sequences, ordered)) {
      const time = longest(rows);
      const count = Math.ceil(time / steps) || 1;
      const laid: Laid = { rows, time, padding };
      const layout = reading.layout() as Layout;
      const items = itemsIn(laid, layout);
      for (let at = Math.min(skip, count); at < count; at++) {
        const [from, to] = count === 1 ? [0, time] : [at * steps, Math.min(time, (at + 1) * steps)];
        const stretch = stretchOf(laid, layout, from, to, where) as SequencesStretch;
        yield { stretch, ends: at === count - 1, items };
      }
      skip = Math.max(0, skip - count);
    }
  }
}

type Unlisted = Exclude<SequenceSource<unknown>, readonly unknown[]>;

/** Sequences that have been looked through, and the layout that they have in common, once the first of them is there. */
interface Reading<S> {
  readonly sequences: S;
  layout(): Layout | null;
}

function readAll(list: readonly unknown[], options: TargetOptions, batch: number): Reading<readonly ReadSequence[]> {
  const { lastBatch } = options as SequencesOptions;
  if (list.length === 0) throw new DataError('sequences: the list is empty; give at least one sequence.');
  if (lastBatch === 'drop' && list.length < batch) {
    throw new DataError(
      `sequences: ${list.length} sequences make no full batch of ${batch}, and lastBatch: 'drop' leaves nothing. Give a smaller batch.`,
    );
  }
  let first: Layout | null = null;
  const all = Array.from(list, (item, index) => {
    const { sequence, layout } = readSequence(item, index, options);
    first ??= layout;
    requireSameLayout(index, layout, first);
    return sequence;
  });
  return { sequences: all, layout: () => first };
}

function reader(items: AsyncIterable<unknown>, options: TargetOptions): Reading<AsyncIterable<ReadSequence>> {
  let first: Layout | null = null;
  async function* read(): AsyncGenerator<ReadSequence, void, void> {
    let index = 0;
    for await (const item of items) {
      const { sequence, layout } = readSequence(item, index, options);
      first ??= layout;
      requireSameLayout(index++, layout, first);
      yield sequence;
    }
    if (index === 0) throw new DataError('sequences: the source gave no sequence.');
  }
  return { sequences: read(), layout: () => first };
}

/** What a source gives, from its beginning. @throws DataError for one that cannot be begun anew. */
async function* oneByOne(source: Unlisted, opened: Set<unknown>): AsyncGenerator<unknown, void, void> {
  const given: unknown = typeof source === 'function' ? source() : source;
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject || !(Symbol.asyncIterator in given || Symbol.iterator in given)) {
    throw new DataError(
      `sequences: a list, an async iterable, or a function that returns an iterable is wanted, but ${
        typeof source === 'function' ? 'the function returned' : 'there is'
      } ${describe(given)}.${isObject && 'inputs' in given ? ' Each sequence is an object of its own: [{ inputs, targets }, …].' : ''}`,
    );
  }
  if (opened.has(given)) {
    throw new DataError(
      'sequences: the source is a generator, which can be read once only, and it is read a second time. ' +
        'Give the function that makes it: sequences(makeThem, …) rather than sequences(makeThem(), …).',
    );
  }
  if ('next' in given) opened.add(given);
  yield* given as AsyncIterable<unknown>;
}

function checkCounts({ batch, buffer, steps, classes }: SequencesOptions): void {
  for (const [name, value] of Object.entries({ batch, buffer, steps, classes })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new ArgumentError(`sequences: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  if (buffer !== undefined && buffer < batch)
    throw new ArgumentError(`sequences: buffer, ${buffer}, must hold a batch of ${batch} at least.`);
}

/** Stretches of each epoch, where all epochs have as many. */
function stretchCount(all: readonly ReadSequence[], plan: BatchPlan, steps: number, shuffled: boolean): number | null {
  const { batch, buffer, lastBatch } = plan;
  const batches = lastBatch === 'keep' ? Math.ceil(all.length / batch) : Math.floor(all.length / batch);
  const shortest = all.reduce((least, { length }) => Math.min(least, length), Infinity);
  const each = Math.ceil(longest(all) / steps) || 1;
  if (each === (Math.ceil(shortest / steps) || 1)) return batches * each;
  if (shuffled || buffer < all.length) return null;
  return inOrder(all, plan, 0, true).batches.reduce((sum, rows) => sum + Math.ceil(longest(rows) / steps), 0);
}

function longest(rows: readonly { readonly length: number }[]): number {
  return rows.reduce((most, { length }) => Math.max(most, length), 0);
}
