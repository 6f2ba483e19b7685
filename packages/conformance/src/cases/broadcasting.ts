import { binaryOps, compareOps } from '@tempograd/core/backend';
import type { ConformanceCase } from '../run/Case.js';
import { binarySubject, compareSubject, selectSubject } from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

const pairs: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['a row to a matrix', [4, 5], [5]],
  ['a column to a matrix', [4, 1], [4, 5]],
  ['a scalar', [], [3, 4]],
  ['both ways', [4, 1, 3], [5, 1]],
  ['an inner axis', [2, 1, 4], [2, 3, 4]],
  ['outer and inner axes', [1, 3, 1], [2, 3, 4]],
];

/** Operands of different shapes, whose gradients are sums over the axes that were stretched. */
export const broadcastingCases: readonly ConformanceCase[] = [
  ...binaryOps.flatMap((op) =>
    pairs.flatMap(([title, a, b]) => subjectCases('broadcasting', binarySubject(op, a, b, `broadcast ${title}`))),
  ),
  ...compareOps.flatMap((op) =>
    pairs.flatMap(([title, a, b]) => subjectCases('broadcasting', compareSubject(op, a, b, `broadcast ${title}`))),
  ),
  ...[
    selectSubject([4, 1], [4, 5], [4, 5], 'broadcast condition by rows'),
    selectSubject([5], [4, 1], [4, 5], 'broadcast all three'),
    selectSubject([2, 3], [], [1, 3], 'broadcast branches'),
  ].flatMap((subject) => subjectCases('broadcasting', subject)),
];
