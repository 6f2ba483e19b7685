import * as core from '@tempograd/core';
import { gatherForm, scatterAddForm } from '../host/closedForms.js';
import { ints } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import type { Subject } from '../subject/Subject.js';
import { valueOn } from '../subject/evaluate.js';
import { gatherSubject, scatterAddSubject } from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

const exact = { measure: 'value', opClass: 'exact', what: 'the value' } as const;

/** Every row is used more than once, so that a gradient which keeps only the last of them is seen. */
const repeated: Subject = {
  ...gatherSubject([3, 4], [7], 'rows repeated'),
  inputs: (sample) => [sample.floats([3, 4]), ints([7], [2, 0, 2, 1, 0, 2, 1])],
};

const repeatedScatter: Subject = {
  ...scatterAddSubject([7], [4], 3, 'rows repeated'),
  inputs: (sample) => [ints([7], [2, 0, 2, 1, 0, 2, 1]), sample.floats([7, 4])],
};

/** Choosing rows by number, and its transpose. */
export const rowsCases: readonly ConformanceCase[] = [
  gatherSubject([6, 5], [4]),
  gatherSubject([6, 5], [3, 2], 'indices of two axes'),
  gatherSubject([6], [8], 'rows that are scalars'),
  gatherSubject([4, 2, 3], [5], 'rows that are matrices'),
  repeated,
  scatterAddSubject([4], [5], 6),
  scatterAddSubject([3, 2], [5], 6, 'indices of two axes'),
  scatterAddSubject([9], [], 4, 'rows that are scalars'),
  repeatedScatter,
]
  .flatMap((subject) => subjectCases('rows', subject))
  .concat(
    defineCase({ name: 'gather: value, of integers', group: 'rows', op: 'gather', kind: 'value' }, async (check) => {
      const [x, rows] = [check.sample.integers([5, 3], -99, 99), check.sample.integers([7], 0, 5)];
      check.compareAll(
        await valueOn(check.device, (a, i) => core.gather(a, i), [x, rows]),
        [gatherForm(x, rows)],
        exact,
      );
    }),
    defineCase(
      { name: 'scatterAdd: value, of integers', group: 'rows', op: 'scatterAdd', kind: 'value' },
      async (check) => {
        const [rows, updates] = [check.sample.integers([7], 0, 4), check.sample.integers([7, 3], -99, 99)];
        const actual = await valueOn(check.device, (i, u) => core.scatterAdd(i, u, 4), [rows, updates]);
        check.compareAll(actual, [scatterAddForm(rows, updates, 4)], exact);
      },
    ),
    defineCase({ name: 'gather: value, rows outside', group: 'rows', op: 'gather', kind: 'value' }, async (check) => {
      const rows = ints([5], [0, -1, 2, 3, 1000]);
      const x = check.sample.floats([3, 4]);
      check.compareAll(
        await valueOn(check.device, (a, i) => core.gather(a, i), [x, rows]),
        [gatherForm(x, rows)],
        exact,
      );
      const n = check.sample.integers([3, 4], 1, 9);
      check.compareAll(
        await valueOn(check.device, (a, i) => core.gather(a, i), [n, rows]),
        [gatherForm(n, rows)],
        exact,
      );
    }),
    defineCase(
      { name: 'scatterAdd: value, rows outside', group: 'rows', op: 'scatterAdd', kind: 'value' },
      async (check) => {
        const rows = ints([5], [0, -1, 2, 3, 1000]);
        const updates = check.sample.floats([5, 4]);
        const actual = await valueOn(check.device, (i, u) => core.scatterAdd(i, u, 3), [rows, updates]);
        check.compareAll(actual, [scatterAddForm(rows, updates, 3)], exact);
      },
    ),
  );
