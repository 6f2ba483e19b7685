import { conformanceCases } from '@tempograd/conformance';
import { describe, expect, test } from 'vitest';
import { chooseCases, countCases, quickNames } from '../src/run/chooseCases.js';
import { estimateLeft, type Share } from '../src/run/estimate.js';
import { roughly, speedWords } from '../src/view/words.js';

const share = (planned: number, ...milliseconds: readonly number[]): Share => ({
  planned,
  outcomes: milliseconds.map((time, index) => ({ name: `case ${index}`, dtype: 'f32', milliseconds: time })),
});

describe('the time left', () => {
  test('is not known before the first case', () => {
    expect(estimateLeft([share(3), share(3)])).toBeNull();
    expect(estimateLeft([])).toBeNull();
  });

  test('takes cases that no backend has run for average ones', () => {
    expect(estimateLeft([share(4, 10, 30)])).toBe(40);
  });

  test('takes the cases that another has run for what they took there, at the pace of this one', () => {
    expect(estimateLeft([share(3, 10, 10, 80), share(3, 20)])).toBe(180);
  });

  test('takes a backend that has not begun for as fast as the others', () => {
    expect(estimateLeft([share(2, 10, 10), share(2, 30, 30), share(2)])).toBe(40);
  });

  test('is nothing at the end, and never less, even where times were nought', () => {
    expect(estimateLeft([share(2, 10, 10)])).toBe(0);
    expect(estimateLeft([share(3, 0, 0)])).toBe(0);
  });
});

describe('the quick cases', () => {
  test('have a value of every op that has one, a gradient too, and no name twice', () => {
    for (const kind of ['value', 'gradient'] as const) {
      const all = new Set(conformanceCases.filter((each) => each.kind === kind).map(({ op }) => op));
      const quick = conformanceCases.filter((each) => each.kind === kind && quickNames.includes(each.name));
      expect(quick.map(({ op }) => op).toSorted()).toEqual([...all].toSorted());
    }
    expect(new Set(quickNames).size).toBe(quickNames.length);
  });

  test('of an op are those of ordinary inputs', () => {
    expect(quickNames).toEqual(expect.arrayContaining(['matmul: value', 'tanh: gradient', 'lstm: gradient']));
    const lstm = conformanceCases.filter(({ op, name }) => op === 'lstm' && quickNames.includes(name));
    expect(lstm.map(({ group }) => group)).toEqual(['recurrent', 'recurrent']);
  });

  test('are counted, also of some ops', () => {
    expect(countCases(chooseCases('quick', null))).toBe(quickNames.length);
    expect(countCases(chooseCases('quick', ['matmul']))).toBe(2);
    expect(countCases(chooseCases('all', null))).toBe(conformanceCases.length);
  });
});

describe('words', () => {
  test.each([
    [3000, 'a few seconds'],
    [31_000, 'about 40 s'],
    [70_000, 'about a minute'],
    [290_000, 'about 5 min'],
  ])('for %d milliseconds are %s', (milliseconds, words) => expect(roughly(milliseconds)).toBe(words));

  test.each([
    [123_456, 0.034, '123,000', '± 3 %'],
    [483.2, 0.0001, '483', '± 1 %'],
    [0.4, null, '0.4', ''],
    [null, null, 'too slow', ''],
  ])('for a speed of %s with noise %s are %s %s', (median, noise, figure, shown) => {
    const speed = { row: 'a', slices: [], updates: 1, failure: null };
    expect(speedWords({ ...speed, median, noise })).toEqual({ figure, noise: shown });
  });
});
