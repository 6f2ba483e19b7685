import { ArgumentError } from '../backend/index.js';
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

/** A new key from a key and a whole number: another stream for each number. */
export function foldIn(parent: Key, number: number): Key {
  return threefry2x32(parent, [Math.floor(number / 2 ** 32), number % 2 ** 32]);
}

/** A new key from a key and a name, for the stream of a parameter or a layer. */
export function foldInName(parent: Key, name: string): Key {
  return [...name].reduce<Key>((folded, character) => foldIn(folded, character.codePointAt(0) as number), parent);
}

/** `count` new keys, independent of one another. */
export function split(parent: Key, count: number): Key[] {
  return Array.from({ length: count }, (_, index) => foldIn(parent, index));
}
