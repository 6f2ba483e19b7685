import { defineCase, type ConformanceCase } from '../run/Case.js';
import {
  binarySubject,
  compareSubject,
  concatSubject,
  flipSubject,
  gatherSubject,
  matmulSubject,
  reduceSubject,
  scatterAddSubject,
  selectSubject,
  sliceSubject,
  transposeSubject,
  unarySubject,
} from '../subject/opSubjects.js';
import type { Subject } from '../subject/Subject.js';
import { checkGradient, checkValue } from '../subject/subjectChecks.js';

/** Each op small and large: past 2¹⁵ and 2¹⁶ elements, at lengths that no tile or workgroup divides. */
const pairs: readonly (readonly [small: Subject, large: Subject])[] = [
  [unarySubject('tanh', [3, 5]), unarySubject('tanh', [70_001])],
  [unarySubject('relu', [3, 5]), unarySubject('relu', [257, 259])],
  [binarySubject('add', [3, 5], [5]), binarySubject('add', [301, 223], [223])],
  [binarySubject('mul', [3, 1], [5]), binarySubject('mul', [301, 1], [223])],
  [compareSubject('less', [3, 5], [5]), compareSubject('less', [301, 223], [223])],
  [selectSubject([3, 1], [3, 5], [5]), selectSubject([301, 1], [301, 223], [223])],
  [reduceSubject('sum', [3, 5], [1]), reduceSubject('sum', [67, 1031], [1])],
  [reduceSubject('sum', [3, 5], [0]), reduceSubject('sum', [1031, 67], [0])],
  [reduceSubject('sum', [3, 5], [0, 1]), reduceSubject('sum', [257, 259], [0, 1])],
  [reduceSubject('max', [3, 5], [1]), reduceSubject('max', [67, 1031], [1])],
  [matmulSubject([3, 5], [5, 2], false, false), matmulSubject([211, 67], [67, 173], false, false)],
  [matmulSubject([5, 3], [2, 5], true, true), matmulSubject([67, 211], [173, 67], true, true)],
  [matmulSubject([3, 5], [2, 5], false, true), matmulSubject([33, 1025], [17, 1025], false, true)],
  [matmulSubject([3, 5], [5, 2], false, false), matmulSubject([3, 1031], [1031, 40], false, false)],
  [matmulSubject([3, 5], [2, 5], false, true), matmulSubject([40, 1031], [3, 1031], false, true)],
  [transposeSubject([3, 5], [1, 0]), transposeSubject([257, 259], [1, 0])],
  [flipSubject([3, 5], [0, 1]), flipSubject([257, 259], [0, 1])],
  [sliceSubject([3, 5], [1, 1], [2, 3]), sliceSubject([301, 303], [17, 23], [257, 259])],
  [
    concatSubject(
      [
        [3, 5],
        [3, 2],
      ],
      1,
    ),
    concatSubject(
      [
        [257, 130],
        [257, 131],
      ],
      1,
    ),
  ],
  [gatherSubject([3, 5], [4]), gatherSubject([1000, 67], [1031])],
  [scatterAddSubject([4], [5], 3), scatterAddSubject([1031], [67], 100)],
  [scatterAddSubject([4], [5], 3), scatterAddSubject([66_001], [], 41)],
  [scatterAddSubject([4], [5], 3), scatterAddSubject([1031], [3], 5003)],
];

/** Sizes past 2¹⁵ elements, then small ones again: what a pool or a tile kept from the other size must not be seen. */
export const largeSizesCases: readonly ConformanceCase[] = pairs.flatMap(([small, large]) => {
  const kinds = small.differentiable === false ? (['value'] as const) : (['value', 'gradient'] as const);
  const shape = (subject: Subject): string => (large === subject ? 'large' : 'small');
  return kinds.map((kind) =>
    defineCase(
      { name: `${large.op}: ${kind}, ${titleOf(large)}`, group: 'largeSizes', op: large.op, kind },
      async (check) => {
        for (const subject of [small, large, small]) {
          if (kind === 'value') await checkValue(check, subject, { oracle: shape(subject) === 'small' });
          else await checkGradient(check, subject, { differences: false });
        }
      },
    ),
  );
});

/** Different for each pair. */
function titleOf(large: Subject): string {
  const index = pairs.findIndex(([, other]) => other === large);
  const sameOp = pairs.slice(0, index).filter(([, other]) => other.op === large.op).length;
  return `large and small in turn${sameOp === 0 ? '' : ` (${sameOp + 1})`}`;
}
