import { bernoulli, foldIn, key, normal, uniform, uniformValues, type Key } from '@tempograd/core';
import { floats, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import type { Check } from '../check/Check.js';

/** Words of Threefry-2x32-20 that its authors publish, as the key and the first two words of the stream with that key. */
const knownZero: readonly [Key, number, number] = [[0, 0], 0x6b200159, 0x99ba4efe];

const asUniform = (word: number): number => (word >>> 8) / 2 ** 24;

function draw(check: Check, from: Key, count: number, offset = 0): Promise<HostArray[]> {
  return check.device.run(() => [
    check.recordPaths(() => uniform(from, [count], { dtype: check.dtype, backend: check.context.backend, offset }))
      .result,
  ]);
}

const exact = { measure: 'value', opClass: 'exact', what: 'the numbers' } as const;

function streamCase(title: string, from: Key, count: number, offset: number): ConformanceCase {
  return defineCase(
    { name: `uniform: value, ${title}`, group: 'random', op: 'uniform', kind: 'value' },
    async (check) => {
      check.compareAll(
        await draw(check, from, count, offset),
        [floats([count], uniformValues(from, count, offset))],
        exact,
      );
    },
  );
}

/** Random numbers that are the same on every backend, bit for bit. */
export const randomCases: readonly ConformanceCase[] = [
  defineCase(
    { name: 'uniform: value, published words', group: 'random', op: 'uniform', kind: 'value' },
    async (check) => {
      const [from, first, second] = knownZero;
      check.compareAll(await draw(check, from, 2), [floats([2], [asUniform(first), asUniform(second)])], exact);
    },
  ),
  streamCase('of a seed', key(42), 31, 0),
  streamCase('of a folded key', foldIn(key(2 ** 40 + 3), 7), 64, 0),
  streamCase('from an odd offset', key(5), 10, 3),
  streamCase('from an even offset', key(5), 11, 1000),
  streamCase('from an offset past 2³³', key(5), 8, 2 ** 33 - 3),
  streamCase('many', key(6), 40_001, 0),
  streamCase('none', key(6), 0, 0),
  defineCase(
    { name: 'uniform: value, parts equal the whole', group: 'random', op: 'uniform', kind: 'value' },
    async (check) => {
      const [whole] = await draw(check, key(9), 20);
      const parts = [await draw(check, key(9), 7), await draw(check, key(9), 13, 7)].flat();
      check.compareAll(
        [
          floats(
            [20],
            parts.flatMap((x) => [...x.values]),
          ),
        ],
        [whole!],
        exact,
      );
    },
  ),
  defineCase(
    { name: 'uniform: value, shape does not matter', group: 'random', op: 'uniform', kind: 'value' },
    async (check) => {
      const [flat] = await draw(check, key(9), 24);
      const shaped = await check.device.run(() => [uniform(key(9), [2, 3, 4], { dtype: check.dtype })]);
      check.compareAll(shaped, [{ ...flat!, shape: [2, 3, 4] }], exact);
    },
  ),
  defineCase(
    { name: 'normal: value, mean and deviation', group: 'random', op: 'normal', kind: 'value' },
    async (check) => {
      const [x] = await check.device.run(() => [normal(key(11), [4096], { dtype: check.dtype })]);
      const mean = x!.values.reduce((a, b) => a + b, 0) / 4096;
      const deviation = Math.sqrt(x!.values.reduce((a, b) => a + (b - mean) ** 2, 0) / 4096);
      check.require(
        Math.abs(mean) < 4.5 / 64,
        `the mean of 4096 normal numbers is ${mean}, more than 4.5 standard errors from 0`,
      );
      check.require(
        Math.abs(deviation - 1) < 4.5 / 90,
        `their deviation is ${deviation}, more than 4.5 standard errors from 1`,
      );
    },
  ),
  defineCase(
    { name: 'bernoulli: value, is uniform below the probability', group: 'random', op: 'bernoulli', kind: 'value' },
    async (check) => {
      const drawn = await check.device.run(() => [bernoulli(key(12), 0.3, [50], { dtype: check.dtype })]);
      check.compareAll(
        drawn,
        [
          floats(
            [50],
            uniformValues(key(12), 50).map((u) => (u < Math.fround(0.3) ? 1 : 0)),
          ),
        ],
        exact,
      );
    },
  ),
];
