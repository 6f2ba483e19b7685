import type { ConformanceCase } from '../run/Case.js';
import { batchedSubject } from '../subject/batchedSubject.js';
import { discreteFunctions, smoothFunctions } from '../subject/functionSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

const batched = ['softmax', 'argmax', 'sort', 'topK', 'cumsum'];

/** Functions that are made of primitives, on the device alone where values cannot be read at once. */
export const functionCases: readonly ConformanceCase[] = [
  ...smoothFunctions.flatMap((subject) => subjectCases('functions', subject)),
  ...discreteFunctions.flatMap((subject) => subjectCases('functions', subject)),
  ...[...smoothFunctions, ...discreteFunctions]
    .filter(({ op, title }) => batched.includes(op) && title === '')
    .flatMap((subject) =>
      subjectCases('functions', batchedSubject(subject, [true], 'batched'), { kinds: ['value', 'gradient'] }),
    ),
];
