import type { ConformanceCase } from '../run/Case.js';
import {
  binarySubject,
  broadcastSubject,
  compareSubject,
  concatSubject,
  flipSubject,
  gatherSubject,
  matmulSubject,
  reduceSubject,
  reshapeSubject,
  scatterAddSubject,
  selectSubject,
  sliceSubject,
  transposeSubject,
  unarySubject,
} from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

const scalars = [
  unarySubject('tanh', [], 'a scalar'),
  unarySubject('neg', [1], 'one element'),
  binarySubject('mul', [], [], 'scalars'),
  binarySubject('add', [1], [1, 1, 1], 'single elements of different rank'),
  compareSubject('less', [], [], 'scalars'),
  selectSubject([], [], [], 'scalars'),
  reduceSubject('sum', [], [], 'a scalar over no axes'),
  reduceSubject('sum', [3, 1, 2], [1], 'an axis of length 1'),
  reduceSubject('max', [1, 1], [0, 1], 'one element'),
  reshapeSubject([], [1, 1], 'a scalar'),
  reshapeSubject([1, 1], [], 'to a scalar'),
  transposeSubject([1, 5], [1, 0], 'a row'),
  flipSubject([1, 4], [0], 'an axis of length 1'),
  broadcastSubject([], [1], 'a scalar to one element'),
  concatSubject([[1], [1], [1]], 0, 'single elements'),
  gatherSubject([1, 3], [2], 'one row'),
  gatherSubject([4, 3], [], 'one index without axes'),
  scatterAddSubject([], [3], 2, 'one index without axes'),
  matmulSubject([1, 1], [1, 1], false, false, 'one element'),
];

const empty = [
  unarySubject('exp', [0], 'nothing'),
  unarySubject('relu', [2, 0, 3], 'nothing in a middle axis'),
  binarySubject('add', [0, 3], [3], 'nothing'),
  binarySubject('mul', [2, 0], [2, 1], 'nothing, broadcast'),
  compareSubject('equal', [0], [0], 'nothing'),
  selectSubject([0], [], [1], 'nothing'),
  reduceSubject('sum', [0, 3], [0], 'nothing, to zeros'),
  reduceSubject('sum', [2, 0], [0], 'nothing, to nothing'),
  reduceSubject('sum', [0], [0], 'nothing, to a scalar zero'),
  reduceSubject('max', [0, 3], [1], 'nothing, to nothing'),
  matmulSubject([2, 0], [0, 3], false, false, 'an inner length of 0'),
  matmulSubject([0, 2], [2, 3], false, false, 'no rows'),
  matmulSubject([2, 2], [0, 2], false, true, 'no columns'),
  matmulSubject([0, 2, 3], [3, 2], false, false, 'no matrices'),
  reshapeSubject([0, 4], [2, 0], 'nothing'),
  transposeSubject([3, 0], [1, 0], 'nothing'),
  broadcastSubject([1, 0], [3, 0], 'nothing'),
  broadcastSubject([1], [0], 'one element to nothing'),
  sliceSubject([4, 3], [1, 0], [0, 3], 'nothing'),
  sliceSubject([4, 3], [4, 3], [0, 0], 'nothing behind the end'),
  flipSubject([0, 2], [0], 'nothing'),
  concatSubject(
    [
      [0, 2],
      [3, 2],
    ],
    0,
    'with nothing',
  ),
  concatSubject(
    [
      [2, 0],
      [2, 0],
    ],
    1,
    'nothing with nothing',
  ),
  gatherSubject([3, 4], [0], 'no indices'),
  gatherSubject([3, 0], [2], 'rows of nothing'),
  scatterAddSubject([0], [4], 3, 'no updates, to zeros'),
  scatterAddSubject([2], [0], 3, 'rows of nothing'),
];

/** Scalars, axes of length 1 and axes of length 0. */
export const edgeShapesCases: readonly ConformanceCase[] = [...scalars, ...empty].flatMap((subject) =>
  subjectCases('edgeShapes', subject),
);
