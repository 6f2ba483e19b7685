import { ArgumentError } from '../backend/index.js';
import { describe } from '../backend/optionErrors.js';
import { threefry2x32 } from './threefry.js';

/** Names a stream of random numbers; the same key gives the same numbers on every backend, whatever was drawn before. */
export type Key = readonly [number, number];

/** The key of a seed, a whole number from 0 to 2⁵³ − 1. */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ArgumentError(`key: the seed must be a whole number from 0 to 2^53 − 1, but is ${seed}.`);
  }
  return [Math.floor(seed / 2 ** 32), seed % 2 ** 32];
}

/** A new key from a key and a whole number ≥ 0: another stream for each number. */
export function foldIn(parent: Key, number: number): Key {
  requireKey('foldIn', parent);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new ArgumentError(`foldIn: ${number} is not a whole number from 0 to 2^53 − 1.`);
  }
  return threefry2x32(parent, [Math.floor(number / 2 ** 32), number % 2 ** 32]);
}

/** A new key from a key and a name, for the stream of a parameter or a layer. */
export function foldInName(parent: Key, name: string): Key {
  if (typeof name !== 'string')
    throw new ArgumentError(`foldInName: the name must be a string, but is ${describe(name)}.`);
  requireKey('foldInName', parent);
  return [...name].reduce<Key>((folded, character) => foldIn(folded, character.codePointAt(0) as number), parent);
}

/** A counter that no `foldIn` and no draw reaches, since they count to 2⁵³: what is split off stays apart from what is folded in. */
const splitCounter = [0xffffffff, 0xffffffff] as const;

/** `count` new keys, independent of one another and of every `foldIn` of the same key. */
export function split(parent: Key, count: number): Key[] {
  requireKey('split', parent);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ArgumentError(`split: the count must be a whole number ≥ 0, but is ${count}.`);
  }
  const apart = threefry2x32(parent, splitCounter);
  return Array.from({ length: count }, (_, index) => foldIn(apart, index));
}

/** @throws ArgumentError unless the key is two whole numbers of 32 bits, as `key` makes it. */
export function requireKey(op: string, given: Key): void {
  const isWord = (word: unknown): boolean => typeof word === 'number' && word === word >>> 0;
  if (!Array.isArray(given) || given.length !== 2 || ![...given].every(isWord)) {
    throw new ArgumentError(
      `${op}: a key is wanted, as key(seed), foldIn() and split() make it, but was given ${describe(given)}.`,
    );
  }
}
