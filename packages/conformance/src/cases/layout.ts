import * as core from '@tempograd/core';
import type { Tensor } from '@tempograd/core';
import * as forms from '../host/closedForms.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { valueOn } from '../subject/evaluate.js';
import {
  broadcastSubject,
  concatSubject,
  flipSubject,
  reshapeSubject,
  sliceSubject,
  transposeSubject,
} from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

const subjects = [
  reshapeSubject([3, 4], [2, 6]),
  reshapeSubject([2, 3, 4], [24], 'to one axis'),
  reshapeSubject([6], [1, 3, 1, 2], 'to more axes'),
  transposeSubject([3, 5], [1, 0]),
  transposeSubject([2, 3, 4], [2, 0, 1], 'a rotation of three axes'),
  transposeSubject([2, 3, 4], [0, 2, 1], 'the last two axes'),
  transposeSubject([2, 3, 4, 5], [1, 0, 3, 2], 'four axes in pairs'),
  broadcastSubject([1, 4], [3, 4]),
  broadcastSubject([4, 1], [2, 4, 3], 'inside and in front'),
  broadcastSubject([], [2, 3], 'a scalar'),
  sliceSubject([5, 4], [1, 0], [3, 4], 'rows'),
  sliceSubject([5, 4], [0, 1], [5, 2], 'columns'),
  sliceSubject([4, 5, 6], [1, 2, 3], [2, 3, 1], 'a box'),
  concatSubject(
    [
      [2, 3],
      [4, 3],
    ],
    0,
  ),
  concatSubject(
    [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    1,
    'three along the last axis',
  ),
  concatSubject(
    [
      [2, 1, 3],
      [2, 4, 3],
    ],
    1,
    'along a middle axis',
  ),
  flipSubject([5, 3], [0]),
  flipSubject([5, 3], [1], 'the last axis'),
  flipSubject([2, 3, 4], [0, 2], 'two axes'),
];

const integerMoves: Readonly<
  Record<
    string,
    readonly [(x: Tensor) => Tensor, (x: ReturnType<typeof forms.reshapeForm>) => ReturnType<typeof forms.reshapeForm>]
  >
> = {
  reshape: [(x) => core.reshape(x, [6, 2]), (x) => forms.reshapeForm(x, [6, 2])],
  transpose: [(x) => core.transpose(x, [1, 0]), (x) => forms.transposeForm(x, [1, 0])],
  broadcastTo: [(x) => core.broadcastTo(x, [2, 3, 4]), (x) => forms.broadcastForm(x, [2, 3, 4])],
  slice: [(x) => core.slice(x, [1, 1], [2, 2]), (x) => forms.sliceForm(x, [1, 1], [2, 2])],
  concat: [(x) => core.concat([x, x], 1), (x) => forms.concatForm([x, x], 1)],
  flip: [(x) => core.flip(x, [0]), (x) => forms.flipForm(x, [0])],
};

/** Beyond 24 bits, which indices, targets and masks do not need, a device that keeps integers as floats may round. */
const integerRanges = [
  ['integers', 2 ** 24],
  ['integers beyond 24 bits', 2_000_000_000],
] as const;

/** What moves elements and does no arithmetic. */
export const layoutCases: readonly ConformanceCase[] = [
  ...subjects.flatMap((subject) => subjectCases('layout', subject)),
  ...Object.entries(integerMoves).flatMap(([op, [apply, form]]) =>
    integerRanges.map(([title, end]) =>
      defineCase(
        { name: `${op}: value, of ${title}`, group: 'layout', op, kind: 'value', mayDeviate: end > 2 ** 24 },
        async (check) => {
          const x = check.sample.integers([3, 4], -end, end);
          const actual = await valueOn(check.device, (each) => apply(each), [x]);
          check.compareAll(actual, [form(x)], { measure: 'value', opClass: 'exact', what: 'the value' });
        },
      ),
    ),
  ),
];
