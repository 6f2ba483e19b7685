import { fingerprintOf, most } from '../fingerprint.js';
import type { Column, ReadSequence } from './readSequence.js';

/** Numbers that are looked at of each column of a sequence, at least. */
const least = 4;

/** The fingerprint of a list of sequences that are cut so. */
export function sequencesFingerprint(sequences: readonly ReadSequence[], cut: unknown): string {
  const columns = 1 + (sequences[0]?.inputs.length ?? 0);
  const numbers = sequences.reduce((sum, { inputs, targets }) => sum + numbersIn([...inputs, targets]), 0);
  const each = numbers <= most ? most : Math.max(least, Math.floor(most / (sequences.length * columns)));
  return fingerprintOf(cut, {
    places: sequences.length,
    width: numbers <= most ? 1 : 1 + each * columns,
    look(at) {
      const { length, inputs, targets } = sequences[at] as ReadSequence;
      return [length, ...[...inputs, targets].flatMap((column) => someOf(column, each))];
    },
  });
}

function numbersIn(columns: readonly Column[]): number {
  return columns.reduce((sum, { values, width }) => sum + values.length * width, 0);
}

/** So many numbers of a column from its first to its last, or all of them. */
function someOf({ values, width }: Column, each: number): number[] {
  const all = values.length * width;
  const count = Math.min(each, all);
  return Array.from({ length: count }, (_, part) => {
    const at = count === all ? part : Math.floor((part * (all - 1)) / (count - 1));
    const value = values[Math.floor(at / width)] as number | ArrayLike<number>;
    return typeof value === 'number' ? value : (value[at % width] as number);
  });
}
