import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Shape } from '@tempograd/core';

/** Name of the digest among the metadata. */
export const digestName = 'tempograd.sha256';

/** A tensor as its bytes stand in a file. */
export interface StoredBytes {
  readonly name: string;
  /** Element type, by the format's name. */
  readonly format: string;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/**
 * SHA-256, in hexadecimal, of all that a file holds: metadata, names, types, shapes and data, each in the order of the names, so
 * that it does not depend on how the file is laid out.
 */
export function digestOf(metadata: Readonly<Record<string, string>>, tensors: readonly StoredBytes[]): string {
  const entries = Object.entries(metadata).sort(([a], [b]) => compare(a, b));
  const sorted = [...tensors].sort((a, b) => compare(a.name, b.name));
  const described = sorted.map(({ name, format, shape }) => [name, format, shape]);
  const hash = sha256.create().update(new TextEncoder().encode(JSON.stringify([entries, described])));
  for (const { bytes } of sorted) hash.update(bytes);
  return bytesToHex(hash.digest());
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
