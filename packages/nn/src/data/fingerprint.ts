import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { ArgumentError } from '@tempograd/core';
import { describe } from './describe.js';

/** Numbers that a fingerprint looks at, about; all of data that has no more. */
export const most = 4096;

/** Places of some data, and the numbers at each. */
export interface Looked {
  readonly places: number;
  /** How many numbers there are at a place, about. */
  readonly width: number;
  look(place: number): ArrayLike<number>;
}

/**
 * Tells data from other data of the same size, in any process: a hash of how it is cut and put in order, plain JSON, and of the numbers at
 * places spread over it.
 */
export function fingerprintOf(cut: unknown, { places, width, look }: Looked = nothing): string {
  const count = Math.min(places, Math.ceil(most / width));
  // Not evenly spread, or data that repeats itself would be seen at the same point of each round.
  const placeOf = (at: number): number => Math.floor(((at + ((at * 0.6180339887498949) % 1)) / count) * places);
  const numbers = Array.from({ length: count }, (_, at) => Array.from(look(count === places ? at : placeOf(at))));
  const digest = sha256(new TextEncoder().encode(JSON.stringify([cut, places, numbers])));
  return bytesToHex(digest.subarray(0, 16));
}

const nothing: Looked = { places: 0, width: 1, look: () => [] };

/** The fingerprint of a source; null where it has none. @throws ArgumentError for one that is no text. */
export function fingerprintIn(data: { readonly fingerprint?: string | null }): string | null {
  const fingerprint: unknown = data.fingerprint ?? null;
  if (fingerprint === null || typeof fingerprint === 'string') return fingerprint;
  throw new ArgumentError(
    `fit: data.fingerprint must be a text, or null where there is none, but is ${describe(fingerprint)}.`,
  );
}
