import { compareOps } from '@tempograd/core/backend';
import * as core from '@tempograd/core';
import { compareForms } from '../host/closedForms.js';
import { zip } from '../host/indexing.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { valueOn } from '../subject/evaluate.js';
import { compareSubject, selectSubject } from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';

/** Comparisons, whose result is i32, and the choice between two tensors. */
export const compareSelectCases: readonly ConformanceCase[] = [
  ...compareOps.flatMap((op) => subjectCases('compareSelect', compareSubject(op, [4, 6], [4, 6]))),
  ...compareOps.map((op) =>
    defineCase({ name: `${op}: value, of integers`, group: 'compareSelect', op, kind: 'value' }, async (check) => {
      const [a, b] = [check.sample.integers([30], -3, 3), check.sample.integers([30], -3, 3)];
      const actual = await valueOn(check.device, (x, y) => core[op](x, y), [a, b]);
      check.compareAll(actual, [zip([a, b], compareForms[op])], {
        measure: 'value',
        opClass: 'exact',
        what: 'the value',
      });
    }),
  ),
  ...subjectCases('compareSelect', selectSubject([4, 6], [4, 6], [4, 6])),
  defineCase(
    { name: 'select: value, of integers', group: 'compareSelect', op: 'select', kind: 'value' },
    async (check) => {
      const [c, a, b] = [
        check.sample.integers([20], 0, 2),
        check.sample.integers([20], -9, 9),
        check.sample.integers([20], -9, 9),
      ];
      const actual = await valueOn(check.device, (k, x, y) => core.select(k, x, y), [c, a, b]);
      check.compareAll(actual, [zip([c, a, b], (k, x, y) => (k !== 0 ? x : y))], {
        measure: 'value',
        opClass: 'exact',
        what: 'the value',
      });
    },
  ),
];
