import type { Vocabulary } from '@tempograd/nn';
import type { Reading } from './Reading.js';

/** The first row's items from a step on, as they are written beside a picture: one letter each; empty where they are words. */
export function itemNames(vocabulary: Vocabulary, { rows: [row] }: Reading, count: number, from: number): string[] {
  if (vocabulary.kind === 'words' || row === undefined) return [];
  return Array.from(row.subarray(from, from + count), (id) => shown(vocabulary.decode([id])));
}

/** What cannot be seen has a letter that stands for it. */
function shown(item: string): string {
  if (item === '\n') return '¶';
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(item) ? item : '·';
}
