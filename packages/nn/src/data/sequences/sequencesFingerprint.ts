import { fingerprintOf } from '../fingerprint.js';
import type { Column, ReadSequence } from './readSequence.js';

/** Numbers that are looked at of each column of a sequence. */
const each = 4;

/** The fingerprint of a list of sequences that are cut so. */
export function sequencesFingerprint(sequences: readonly ReadSequence[], cut: unknown): string {
  const columns = 1 + (sequences[0]?.inputs.length ?? 0);
  return fingerprintOf(cut, {
    places: sequences.length,
    width: 1 + each * columns,
    look(at) {
      const { length, inputs, targets } = sequences[at] as ReadSequence;
      return [length, ...[...inputs, targets].flatMap(someOf)];
    },
  });
}

/** Numbers of a column from its first to its last. */
function someOf({ values, width }: Column): number[] {
  const last = values.length * width - 1;
  return Array.from({ length: each }, (_, part) => {
    const at = Math.floor((part * last) / (each - 1));
    const value = values[Math.floor(at / width)] as number | ArrayLike<number>;
    return typeof value === 'number' ? value : (value[at % width] as number);
  });
}
