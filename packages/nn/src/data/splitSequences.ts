import { ArgumentError, key as keyOf, uniformValues, foldIn, type Key } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError } from './DataError.js';
import { describe } from './describe.js';
import { permutation } from './permutation.js';

/** How to split a list. */
export interface SplitSequencesOptions<X = unknown> {
  /** The share of the list that is held out to watch training by; default is 0. */
  readonly validation?: number;
  /** The share that is held out for the end; default is 0. */
  readonly test?: number;
  /** Draws who goes where; default is `key(0)`. */
  readonly key?: Key;
  /** Gives each part the same share of every label: that of `{ inputs, targets }`, or what a function gives. Default is false. */
  readonly stratify?: boolean | ((item: X) => unknown);
}

/** Three parts; those that nobody asked for are empty. */
export interface Split<T> {
  readonly training: T;
  readonly validation: T;
  readonly test: T;
}

const splitTable = optionTable<SplitSequencesOptions>({
  validation: 'number',
  test: 'number',
  key: 'key',
  stratify: 'boolean or function',
});

/**
 * A list in three parts, drawn item by item, each in the order of the list: for `sequences`. The same key gives the same parts.
 * Steps of one series are split by time, with `splitSeries`.
 * @throws DataError when a part that was asked for, or the training, would be empty; ArgumentError for shares that make no sense.
 */
export function splitSequences<X>(list: readonly X[], options: SplitSequencesOptions<X>): Split<X[]> {
  checkOptions('splitSequences', options, splitTable);
  if (!Array.isArray(list))
    throw new DataError(`splitSequences: a list of sequences is wanted, but was given ${describe(list)}.`);
  const { validation = 0, test = 0, key = keyOf(0), stratify = false } = options;
  for (const [name, share] of Object.entries({ validation, test, 'validation + test': validation + test })) {
    if (share >= 0 && share < 1) continue;
    throw new ArgumentError(`splitSequences: ${name} must be a share from 0 up to, but without, 1, but is ${share}.`);
  }
  const shuffled = permutation(foldIn(key, 0), list.length);
  const order = stratify === false ? shuffled : byLabel(list, shuffled, stratify);
  const [drawTest = 0, drawValidation = 0] = uniformValues(foldIn(key, 1), 2);
  const tests = new Set(everySoMany(order, test, drawTest));
  const others = order.filter((index) => !tests.has(index));
  const validations = new Set(everySoMany(others, test === 1 ? 0 : validation / (1 - test), drawValidation));
  const part = (holds: (index: number) => boolean): X[] => list.filter((_, index) => holds(index));
  const parts = {
    training: part((index) => !tests.has(index) && !validations.has(index)),
    validation: part((index) => validations.has(index)),
    test: part((index) => tests.has(index)),
  };
  for (const [name, share] of Object.entries({ training: 1, validation, test })) {
    if (share === 0 || parts[name as keyof typeof parts].length > 0) continue;
    throw new DataError(
      `splitSequences: of ${list.length} ${list.length === 1 ? 'item' : 'items'} none is left for ${name}; give more, or another share.`,
    );
  }
  return parts;
}

/**
 * A share of a list, taken at even distances from a drawn beginning on: a part of the list that stands together gives its share,
 * give or take one.
 */
function everySoMany(order: readonly number[], share: number, draw: number): number[] {
  const count = Math.round(order.length * share);
  if (count === 0) return [];
  return Array.from({ length: count }, (_, at) => order[Math.floor(((at + draw) * order.length) / count)] as number);
}

/** The same order with equal labels together. */
function byLabel<X>(list: readonly X[], order: readonly number[], stratify: true | ((item: X) => unknown)): number[] {
  const groups = new Map<unknown, number[]>();
  for (const index of order) {
    const item = list[index] as X;
    const label = stratify === true ? (item as { readonly targets?: unknown } | null)?.targets : stratify(item);
    if (stratify === true && typeof label !== 'number') {
      throw new DataError(
        `splitSequences: item ${index} has no label to stratify by: its targets are no number. Give stratify a function of an item.`,
      );
    }
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [index]);
    else group.push(index);
  }
  return [...groups.values()].flat();
}
