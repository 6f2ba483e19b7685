import type { ConformanceCase } from '../run/Case.js';
import { matmulSubject } from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

const flags = [
  [false, false, ''],
  [true, false, 'first transposed'],
  [false, true, 'second transposed'],
  [true, true, 'both transposed'],
] as const;

/** The shape of an `[…, m, k]` operand as it is stored. */
const stored = (lead: readonly number[], rows: number, columns: number, transposed: boolean): number[] =>
  transposed ? [...lead, columns, rows] : [...lead, rows, columns];

/** Products with every pair of flags; square ones too, where a flag that is ignored does not show in the shape. */
export const matmulCases: readonly ConformanceCase[] = flags.flatMap(([a, b, title]) => {
  const comma = title && `${title}, `;
  return [
    matmulSubject(stored([], 3, 4, a), stored([], 4, 5, b), a, b, title),
    matmulSubject([4, 4], [4, 4], a, b, `${comma}square`),
    matmulSubject(stored([], 13, 17, a), stored([], 17, 9, b), a, b, `${comma}odd sizes`),
    matmulSubject(stored([], 1, 19, a), stored([], 19, 1, b), a, b, `${comma}a row and a column`),
    matmulSubject(stored([2, 3], 3, 4, a), stored([2, 3], 4, 2, b), a, b, `${comma}batched`),
    matmulSubject(stored([3], 2, 4, a), stored([], 4, 5, b), a, b, `${comma}a batch times one matrix`),
    matmulSubject(stored([], 2, 4, a), stored([3], 4, 5, b), a, b, `${comma}one matrix times a batch`),
    matmulSubject(stored([2, 1], 2, 3, a), stored([1, 3], 3, 2, b), a, b, `${comma}batches broadcast`),
  ].flatMap((subject) => subjectCases('matmul', subject));
});
