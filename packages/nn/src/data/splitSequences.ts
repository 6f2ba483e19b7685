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
  /**
   * What items have in common that must not stand in two parts, such as the person they are of: all with the same go to one. The
   * shares are then kept as nearly as the sizes of the groups allow. Not with stratify.
   */
  readonly group?: (item: X) => unknown;
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
  group: 'function',
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
  const { validation = 0, test = 0, key = keyOf(0), stratify = false, group } = options;
  if (group !== undefined && stratify !== false)
    throw new ArgumentError('splitSequences: group and stratify cannot both be kept to; leave one of them out.');
  for (const [name, share] of Object.entries({ validation, test, 'validation + test': validation + test })) {
    if (share >= 0 && share < 1) continue;
    throw new ArgumentError(`splitSequences: ${name} must be a share from 0 up to, but without, 1, but is ${share}.`);
  }
  const shuffled = permutation(foldIn(key, 0), list.length);
  if (group !== undefined) return partsOf(list, wholeGroups(list, shuffled, group, { validation, test }), options);
  const order = stratify === false ? shuffled : byLabel(list, shuffled, stratify);
  const [drawTest = 0, drawValidation = 0] = uniformValues(foldIn(key, 1), 2);
  const tests = everySoMany(order, test, drawTest);
  const taken = new Set(tests);
  const others = order.filter((index) => !taken.has(index));
  return partsOf(list, { tests, validations: everySoMany(others, validation / (1 - test), drawValidation) }, options);
}

/** Indices of what is held out. */
interface HeldOut {
  readonly tests: readonly number[];
  readonly validations: readonly number[];
}

/** The parts themselves. @throws DataError for one that is empty. */
function partsOf<X>(list: readonly X[], held: HeldOut, shares: SplitSequencesOptions<X>): Split<X[]> {
  const [tests, validations] = [new Set(held.tests), new Set(held.validations)];
  const parts = {
    training: list.filter((_, index) => !tests.has(index) && !validations.has(index)),
    validation: list.filter((_, index) => validations.has(index)),
    test: list.filter((_, index) => tests.has(index)),
  };
  const { validation = 0, test = 0 } = shares;
  for (const [name, share] of Object.entries({ training: 1, validation, test })) {
    if (share === 0 || parts[name as keyof typeof parts].length > 0) continue;
    throw new DataError(
      `splitSequences: of ${list.length} ${list.length === 1 ? 'item' : 'items'} none is left for ${name}; give more, or another share.`,
    );
  }
  return parts;
}

/** Groups in the order in which they were drawn, each to the first part that it fits into better than it leaves it. */
function wholeGroups<X>(
  list: readonly X[],
  order: readonly number[],
  group: (item: X) => unknown,
  { validation, test }: { readonly validation: number; readonly test: number },
): HeldOut {
  const [tests, validations]: [number[], number[]] = [[], []];
  const wanting: [part: number[], items: number][] = [
    [tests, test * list.length],
    [validations, validation * list.length],
  ];
  for (const members of groupsOf(list, order, group)) {
    const found = wanting.find(([part, items]) => part.length + members.length / 2 <= items);
    found?.[0].push(...members);
  }
  return { tests, validations };
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
  if (stratify !== true) return groupsOf(list, order, stratify).flat();
  return groupsOf(list, order, (item, index) => {
    const label = (item as { readonly targets?: unknown } | null)?.targets;
    if (typeof label === 'number') return label;
    throw new DataError(
      `splitSequences: item ${index} has no label to stratify by: its targets are no number. Give stratify a function of an item.`,
    );
  }).flat();
}

/** Indices in their order, those of which a function says the same together. */
function groupsOf<X>(
  list: readonly X[],
  order: readonly number[],
  same: (item: X, index: number) => unknown,
): number[][] {
  const groups = new Map<unknown, number[]>();
  for (const index of order) {
    const of = same(list[index] as X, index);
    const group = groups.get(of);
    if (group === undefined) groups.set(of, [index]);
    else group.push(index);
  }
  return [...groups.values()];
}
