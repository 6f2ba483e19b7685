import { log1p } from '@tempograd/core';
import { binaryOps, unaryOps } from '@tempograd/core/backend';
import { floats, ints } from '../host/HostArray.js';
import { binaryForms, unaryForms } from '../host/closedForms.js';
import { map, zip } from '../host/indexing.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { valueOn } from '../subject/evaluate.js';
import { binarySubject, unarySubject } from '../subject/opSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';
import * as core from '@tempograd/core';

const integerUnary = ['neg', 'abs', 'sign', 'relu'] as const;
const integerBinary = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;

/** Every function of one and of two tensors of one shape. */
export const elementwiseCases: readonly ConformanceCase[] = [
  ...unaryOps.flatMap((op) => subjectCases('elementwise', unarySubject(op, [3, 7]))),
  ...binaryOps.flatMap((op) => subjectCases('elementwise', binarySubject(op, [3, 7], [3, 7]))),

  ...integerUnary.map((op) =>
    defineCase({ name: `${op}: value, of integers`, group: 'elementwise', op, kind: 'value' }, async (check) => {
      const x = ints([7], [-2_000_000_000, -3, -1, 0, 1, 2, 2_000_000_000]);
      const actual = await valueOn(check.device, core[op], [x]);
      check.compareAll(actual, [map(x, unaryForms[op])], { measure: 'value', opClass: 'exact', what: 'the value' });
    }),
  ),
  ...integerBinary.map((op) =>
    defineCase({ name: `${op}: value, of integers`, group: 'elementwise', op, kind: 'value' }, async (check) => {
      const [a, b] = [check.sample.integers([4, 5], -1000, 1000), check.sample.integers([5], -1000, 1000)];
      const actual = await valueOn(check.device, (x, y) => core[op](x, y), [a, b]);
      check.compareAll(actual, [zip([a, b], binaryForms[op])], {
        measure: 'value',
        opClass: 'exact',
        what: 'the value',
      });
    }),
  ),

  defineCase({ name: 'log1p: value, near 0', group: 'elementwise', op: 'log1p', kind: 'value' }, async (check) => {
    const x = floats([6], [1e-3, -1e-3, 1e-5, -1e-5, 1e-7, -1e-7].map(Math.fround));
    const [actual] = await valueOn(check.device, log1p, [x]);
    // Each divided by its argument, so that errors count relative to the small numbers themselves.
    const perArgument = (y: number, index: number): number => y / (x.values[index] as number);
    check.compare(
      floats([6], actual!.values.map(perArgument)),
      floats([6], x.values.map(Math.log1p).map(perArgument)),
      { measure: 'value', opClass: 'elementwise', what: 'log1p(x)/x' },
    );
  }),

  defineCase(
    { name: 'pow: value, of negative bases and at 0', group: 'elementwise', op: 'pow', kind: 'value' },
    async (check) => {
      const a = floats([7], [-2, -2, -1.5, 0, 0, 3, -3]);
      const b = floats([7], [2, 3, -1, 0, 2, 0, 1]);
      const actual = await valueOn(check.device, (x, y) => core.pow(x, y), [a, b]);
      check.compareAll(actual, [zip([a, b], binaryForms.pow)], {
        measure: 'value',
        opClass: 'elementwise',
        what: 'the value',
      });
    },
  ),
];
