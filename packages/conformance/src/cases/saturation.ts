import * as core from '@tempograd/core';
import { unaryForms } from '../host/closedForms.js';
import { floats } from '../host/HostArray.js';
import { map } from '../host/indexing.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn } from '../subject/evaluate.js';

const numbers = [-100, -50, -20, -10, -5, -0.25, 0.25, 5, 10, 20, 50, 100];
const far = ['tanh', 'sigmoid', 'exp', 'sin', 'cos'] as const;

/** Far out, where naive formulas overflow or cancel, and angles are many turns. */
export const saturationCases: readonly ConformanceCase[] = far.flatMap((op) => [
  defineCase({ name: `${op}: value, far from 0`, group: 'saturation', op, kind: 'value' }, async (check) => {
    const x = floats([12], numbers);
    const actual = await valueOn(check.device, core[op], [x]);
    check.compareAll(actual, [map(x, unaryForms[op])], { measure: 'value', opClass: 'elementwise', what: 'the value' });
  }),
  defineCase({ name: `${op}: gradient, far from 0`, group: 'saturation', op, kind: 'gradient' }, async (check) => {
    const x = floats([10], numbers.slice(0, 10));
    const cotangent = check.sample.floats([10]);
    const actual = await gradientOn(check.device, core[op], [x], [cotangent]);
    const trusted = await gradientOn(check.oracle, core[op], [x], [cotangent]);
    check.compareAll(actual, trusted, { measure: 'gradient', opClass: 'elementwise', what: 'the gradient' });
  }),
]);
