import { cast, mul, sum } from '@tempograd/core';
import { floats, ints } from '../host/HostArray.js';
import { map } from '../host/indexing.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn } from '../subject/evaluate.js';

const exact = { measure: 'value', opClass: 'exact', what: 'the value' } as const;
const numbers = [-2.9, -2.5, -1.5, -1, -0.5, -0.1, 0, 0.1, 0.5, 0.999, 1, 1.5, 2.5, 2.9, 1e6, -1e6].map(Math.fround);

/** Conversions between element types. */
export const castCases: readonly ConformanceCase[] = [
  defineCase(
    { name: 'cast: value, float to i32 truncates', group: 'cast', op: 'cast', kind: 'value' },
    async (check) => {
      const x = floats([16], numbers);
      const actual = await valueOn(check.device, (a) => cast(a, 'i32'), [x]);
      check.compareAll(actual, [ints([16], numbers.map(Math.trunc))], exact);
    },
  ),
  defineCase(
    {
      name: 'cast: value, float to i32 at the ends of its range, and of NaN',
      group: 'nonFinite',
      op: 'cast',
      kind: 'value',
      mayDeviate: true,
    },
    async (check) => {
      const x = floats([8], [NaN, Infinity, -Infinity, 3e9, -3e9, 2 ** 31, -(2 ** 31), -NaN]);
      const actual = await valueOn(check.device, (a) => cast(a, 'i32'), [x]);
      const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
      check.compareAll(actual, [ints([8], [0, most, least, most, least, most, least, 0])], exact);
    },
  ),
  defineCase({ name: 'cast: value, i32 to float', group: 'cast', op: 'cast', kind: 'value' }, async (check) => {
    const x = ints([5], [-16_777_216, -1, 0, 1, 16_777_216]);
    const actual = await valueOn(check.device, (a) => cast(a, check.dtype), [x]);
    check.compareAll(actual, [floats([5], x.values)], exact);
  }),
  defineCase(
    { name: 'cast: value, f64 to f32 rounds', group: 'cast', op: 'cast', kind: 'value', requires: { dtypes: ['f64'] } },
    async (check) => {
      const x = floats([4], [0.1, 1 / 3, -Math.PI, 1e300]);
      const actual = await valueOn(check.device, (a) => cast(a, 'f32'), [x]);
      check.compareAll(actual, [map(x, Math.fround)], exact);
    },
  ),
  defineCase(
    { name: 'cast: gradient, through f32', group: 'cast', op: 'cast', kind: 'gradient', requires: { dtypes: ['f64'] } },
    async (check) => {
      const x = check.sample.floats([6]);
      const fn = (a: Parameters<typeof cast>[0]) => sum(mul(cast(cast(a, 'f32'), 'f64'), 3));
      const actual = await gradientOn(check.device, (a) => fn(a), [x], [floats([], [1])]);
      check.compareAll(actual, [map(x, () => 3)], { measure: 'gradient', opClass: 'exact', what: 'the gradient' });
    },
  ),
  defineCase(
    { name: 'cast: gradient, none through i32', group: 'cast', op: 'cast', kind: 'gradient' },
    async (check) => {
      const x = check.sample.floats([6], { low: 1, high: 9 });
      const fn = (a: Parameters<typeof cast>[0]) => mul(a, cast(cast(a, 'i32'), check.dtype));
      const actual = await gradientOn(check.device, (a) => fn(a), [x], [map(x, () => 1)]);
      check.compareAll(actual, [map(x, Math.trunc)], { measure: 'gradient', opClass: 'exact', what: 'the gradient' });
    },
  ),
];
