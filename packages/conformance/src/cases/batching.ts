import type { ConformanceCase } from '../run/Case.js';
import { batchedSubject } from '../subject/batchedSubject.js';
import { cellJacobianSubject, jacobianSubject } from '../subject/jacobianSubjects.js';
import { crossEntropySubject, layerNormSubject, linearSubject } from '../subject/fusedSubjects.js';
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
import type { Subject } from '../subject/Subject.js';
import { subjectCases } from '../subject/subjectCases.js';

/** Ops of one tensor, or of several that are all batched. */
const whole: readonly Subject[] = [
  unarySubject('tanh', [2, 3]),
  reduceSubject('sum', [2, 3, 2], [0, 2]),
  reduceSubject('max', [2, 3], [1]),
  reshapeSubject([2, 6], [3, 4]),
  transposeSubject([2, 3, 4], [2, 0, 1]),
  broadcastSubject([3, 1], [2, 3, 4]),
  sliceSubject([4, 5], [1, 2], [2, 3]),
  flipSubject([3, 4], [1]),
  concatSubject(
    [
      [2, 3],
      [2, 1],
    ],
    1,
  ),
  layerNormSubject([2, 4]),
  crossEntropySubject([3], 4, 0.1),
];

/** Ops of two tensors, with the first, the second or both batched. */
const pairs: readonly Subject[] = [
  binarySubject('sub', [2, 3], [3]),
  binarySubject('mul', [3], [2, 3]),
  binarySubject('maximum', [2, 1], [3]),
  compareSubject('less', [2, 3], [3]),
  matmulSubject([2, 3], [3, 4], false, false),
  matmulSubject([3, 2], [4, 3], true, true, 'both transposed'),
  matmulSubject([3, 1], [3, 1], true, false, 'columns'),
  matmulSubject([2, 2, 3], [3, 4], false, false, 'several times one matrix'),
  gatherSubject([4, 3], [5]),
  scatterAddSubject([5], [2], 3),
  linearSubject([2], 3, 4, false),
];

const ways = [
  [[true, false], 'first batched'],
  [[false, true], 'second batched'],
  [[true, true], 'both batched'],
] as const;

/** `vmap` against one row after the other, forward, backward and along tangents; and what stands on it. */
export const batchingCases: readonly ConformanceCase[] = [
  ...whole.flatMap((subject) => subjectCases('batching', batchedSubject(subject, allOf(subject), 'batched'))),
  ...pairs.flatMap((subject) =>
    ways.flatMap(([batched, title]) => subjectCases('batching', batchedSubject(subject, batched, title))),
  ),
  ...subjectCases(
    'batching',
    batchedSubject(selectSubject([2, 1], [3], [2, 3]), [true, true, false], 'condition and first branch batched'),
  ),
  ...subjectCases('batching', jacobianSubject),
  ...subjectCases('batching', cellJacobianSubject, { kinds: ['value'] }),
];

/** Every input batched, but for weights: their op is the same for all rows. */
function allOf({ op }: Subject): readonly boolean[] {
  return op === 'layerNorm' ? [true, false, false] : [true, true];
}
