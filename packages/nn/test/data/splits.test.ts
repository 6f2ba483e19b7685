import { key } from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, splitSequences, splitSeries, windows } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { readStretches, rowsOf } from './readStretches.js';

withFreshBackend();

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

describe('splitSequences', () => {
  test('gives every item to one part, in the order of the list, the same for the same key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 60 }), fc.nat(5), fc.nat(4), fc.nat(4), (length, seed, v, t) => {
        const options = { validation: v / 10, test: t / 10, key: key(seed) };
        const parts = splitSequences(count(length), options);
        const all = Object.values(parts) as number[][];
        expect(all.flat().sort((a, b) => a - b)).toEqual(count(length));
        for (const part of all) expect(part).toEqual(part.toSorted((a, b) => a - b));
        expect(Math.abs(parts.validation.length - (length * v) / 10)).toBeLessThanOrEqual(1);
        expect(Math.abs(parts.test.length - (length * t) / 10)).toBeLessThanOrEqual(1);
        expect(splitSequences(count(length), options)).toEqual(parts);
      }),
    );
    const by = (seed: number): number[] => splitSequences(count(50), { test: 0.3, key: key(seed) }).test;
    expect(by(1)).not.toEqual(by(2));
  });

  test('stratified, each part has the share of each label that the list has', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 30, maxLength: 80 }), fc.nat(9), (labels, seed) => {
        const list = labels.map((targets) => ({ inputs: [1], targets }));
        const parts = splitSequences(list, { validation: 0.2, test: 0.3, stratify: true, key: key(seed) });
        for (const label of new Set(labels)) {
          const holding = (items: typeof list): number => items.filter(({ targets }) => targets === label).length;
          const all = holding(list);
          expect(Math.abs(holding(parts.test) - 0.3 * all)).toBeLessThanOrEqual(1.5);
          expect(Math.abs(holding(parts.validation) - 0.2 * all)).toBeLessThanOrEqual(1.5);
        }
      }),
    );
    const words = ['aa', 'ab', 'b', 'ba', 'a', 'bb', 'abc', 'bc'];
    const { test: held } = splitSequences(words, { test: 0.5, stratify: ([first]) => first });
    expect(held.filter(([first]) => first === 'a')).toHaveLength(2);
  });

  test('keeps groups together, and shares as nearly as they allow', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(11), { minLength: 40, maxLength: 90 }), fc.nat(9), (people, seed) => {
        const largest = Math.max(...people.map((person) => people.filter((other) => other === person).length));
        fc.pre(5 * largest <= people.length);
        const list = people.map((person, index) => ({ person, index }));
        const group = ({ person }: { person: number }): number => person;
        const parts = splitSequences(list, { validation: 0.2, test: 0.3, group, key: key(seed) });
        const all = Object.values(parts) as (typeof list)[];
        expect(
          all
            .flat()
            .map(({ index }) => index)
            .sort((a, b) => a - b),
        ).toEqual(count(list.length));
        const seen = all.map((part) => new Set(part.map(group)));
        for (const [at, share] of [
          [1, 0.2],
          [2, 0.3],
        ] as const) {
          expect([...(seen[at] ?? [])].some((person) => seen[0]?.has(person) || seen[3 - at]?.has(person))).toBe(false);
          expect(Math.abs((all[at] ?? []).length - share * list.length)).toBeLessThanOrEqual(largest);
        }
      }),
    );
    const both = { test: 0.5, group: String, stratify: String };
    expect(() => splitSequences([1, 2], both)).toThrow(/group and stratify cannot both/);
  });

  test('refuses shares that make no sense, parts left empty, and labels that are none', () => {
    expect(() => splitSequences(count(5), { validation: 0.6, test: 0.4 })).toThrow(
      /validation \+ test must be a share/,
    );
    expect(() => splitSequences(count(5), { test: 2 })).toThrow(/test must be a share from 0/);
    expect(() => splitSequences(count(5), { test: Number.NaN })).toThrow(/but is NaN/);
    expect(() => splitSequences(count(3), { test: 0.1 })).toThrow(/of 3 items none is left for test/);
    expect(() => splitSequences([], {})).toThrow(DataError);
    expect(() => splitSequences('abc' as never, { test: 0.5 })).toThrow(
      /list of sequences is wanted, but was given the text/,
    );
    expect(() => splitSequences([{ targets: [1] }], { stratify: true })).toThrow(/item 0 has no label to stratify by/);
  });
});

describe('splitSeries', () => {
  test('cuts by time, by steps or shares, columns and rows alike', () => {
    expect(splitSeries(count(10), { validation: 2, test: 0.3 })).toEqual({
      training: Float64Array.from([0, 1, 2, 3, 4]),
      validation: Float64Array.from([5, 6]),
      test: Float64Array.from([7, 8, 9]),
    });
    const columns = splitSeries({ a: count(6), b: count(6).map((x) => -x) }, { test: 2, gap: 1 });
    expect(columns.training.b).toEqual(Float64Array.from([-0, -1, -2]));
    expect(columns.test).toEqual({ a: Float64Array.from([4, 5]), b: Float64Array.from([-4, -5]) });
    expect(columns.validation.a).toHaveLength(0);
    expect(splitSeries([[1], [2], [3]], { validation: 1, context: 1 }).validation).toEqual([
      Float64Array.of(2),
      Float64Array.of(3),
    ]);
  });

  test('no window of one part has a target, or reads a target of a later one, of another', async () => {
    const options = { validation: 8, test: 7, gap: 2, context: 4 };
    const parts = splitSeries(count(60), options);
    const read = async (part: keyof typeof parts): Promise<{ inputs: number[]; targets: number[] }> => {
      const context = part === 'training' ? 0 : 4;
      const source = windows(parts[part], { length: 4, stride: 1, horizon: [1, 2], batch: 3, context });
      const rows = rowsOf(await readStretches(source)).flat();
      return {
        inputs: rows.flatMap(({ inputs }) => (inputs[''] ?? []).flat()),
        targets: rows.flatMap(({ targets }) => targets.flatMap((target) => target ?? [])),
      };
    };
    const [training, validation, last] = [await read('training'), await read('validation'), await read('test')];
    expect(Math.max(...training.targets)).toBe(60 - 7 - 2 - 8 - 2 - 1);
    expect(Math.min(...validation.targets)).toBe(60 - 7 - 2 - 8);
    expect(Math.max(...validation.targets)).toBe(60 - 7 - 2 - 1);
    expect(Math.min(...last.targets)).toBe(60 - 7);
    expect(Math.max(...training.inputs)).toBeLessThan(Math.min(...validation.targets));
    expect(Math.max(...validation.inputs)).toBeLessThan(Math.min(...last.targets));
  });

  test('refuses what leaves no training, and numbers that make no sense', () => {
    expect(() => splitSeries(count(5), { validation: 3, test: 2 })).toThrow(
      /too short for 3 of validation and 2 of test/,
    );
    expect(() => splitSeries(count(5), { test: 2, context: 4 })).toThrow(/context of 4/);
    expect(() => splitSeries(count(5), { test: 1.5 })).toThrow(/test must be a number of steps, or a share below 1/);
    expect(() => splitSeries(count(5), { test: 1, gap: -1 })).toThrow(/gap must be/);
    expect(() => splitSeries([], { test: 1 })).toThrow(/no steps/);
  });
});
