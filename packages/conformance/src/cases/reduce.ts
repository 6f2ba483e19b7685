import * as core from '@tempograd/core';
import { maxForm, sumForm } from '../host/closedForms.js';
import { floats } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn } from '../subject/evaluate.js';
import { reduceSubject } from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';
import type { Subject } from '../subject/Subject.js';

const variants: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['', [4, 6], [1]],
  ['the first axis', [4, 6], [0]],
  ['a middle axis', [3, 4, 5], [1]],
  ['the outer and the inner axis', [3, 4, 5], [0, 2]],
  ['the two inner axes', [3, 4, 5], [1, 2]],
  ['all axes', [3, 4, 5], [0, 1, 2]],
];

const mean: Subject = {
  op: 'mean',
  title: '',
  opClass: 'product',
  inputs: (sample) => [sample.floats([3, 4, 5])],
  apply: (x) => core.mean(x, { axes: [0, 2], keepAxes: true }),
  expected: (x) => ({ ...sumForm(x, [0, 2]), shape: [1, 4, 1], values: sumForm(x, [0, 2]).values.map((v) => v / 15) }),
};

/** Sums and maxima over axes. */
export const reduceCases: readonly ConformanceCase[] = [
  ...(['sum', 'max'] as const).flatMap((op) =>
    variants.flatMap(([title, shape, axes]) => subjectCases('reduce', reduceSubject(op, shape, axes, title))),
  ),
  ...subjectCases('reduce', mean),
  ...(['sum', 'max'] as const).map((op) =>
    defineCase({ name: `${op}: value, of integers`, group: 'reduce', op, kind: 'value' }, async (check) => {
      const x = check.sample.integers([4, 5, 3], -1000, 1000);
      const actual = await valueOn(check.device, (a) => core[op](a, { axes: [0, 2] }), [x]);
      const expected = op === 'sum' ? sumForm(x, [0, 2]) : maxForm(x, [0, 2]);
      check.compareAll(actual, [expected], { measure: 'value', opClass: 'exact', what: 'the value' });
    }),
  ),
  defineCase(
    { name: 'max: gradient, equal maxima share it', group: 'reduce', op: 'max', kind: 'gradient' },
    async (check) => {
      const x = floats([2, 4], [1, 3, 3, 0, -2, -2, -2, -5]);
      const actual = await gradientOn(check.device, (a) => core.max(a, { axes: 1 }), [x], [floats([2], [1, 3])]);
      const expected = floats([2, 4], [0, 0.5, 0.5, 0, 1, 1, 1, 0]);
      check.compareAll(actual, [expected], { measure: 'gradient', opClass: 'elementwise', what: 'the gradient' });
    },
  ),
];
