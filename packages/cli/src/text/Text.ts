import type { RandomAccessItems, Vocabulary } from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';

/** A text to learn. */
export interface Text {
  /** For people. */
  readonly title: string;
  /** For file names. */
  readonly name: string;
  /** What its items are. */
  readonly unit: TextUnit;
  /** Items in it. */
  readonly length: number;
  /** How often each item occurs; of very many words the rarest are left out. */
  readonly counts: ReadonlyMap<string, number>;
  /** Tells whether another text is the same. */
  readonly fingerprint: string;
  /** Its items as numbers. */
  items(vocabulary: Vocabulary): Promise<RandomAccessItems>;
  close(): Promise<void>;
}

/** Numbers that are in memory. */
export function heldItems(ids: Int32Array): RandomAccessItems {
  return { length: ids.length, read: (from, to) => Promise.resolve(ids.subarray(from, to)) };
}

/** The fingerprint of a text with this SHA-256. */
export function fingerprintOf(sha256: string): string {
  return sha256.slice(0, 16);
}
