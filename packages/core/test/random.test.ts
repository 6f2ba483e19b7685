import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import { ArgumentError, foldIn, key, normal, scope, split, uniform, uniformValues, useBackend } from '../src/index.js';
import { threefry2x32, threefryWords } from '../src/random/threefry.js';

useBackend(createBackend());

describe('threefry2x32', () => {
  // The known answers of the authors' own test vectors for 20 rounds.
  test.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as [[number, number], [number, number], [number, number]][])('key %j, counter %j', (k, counter, words) => {
    expect(threefry2x32(k, counter)).toEqual(words);
  });

  test('a stream cut anywhere is the same stream', () => {
    const whole = threefryWords([1, 2], 0, 20);
    for (let offset = 0; offset < 20; offset++)
      expect(threefryWords([1, 2], offset, 20 - offset)).toEqual(whole.slice(offset));
  });

  test('counters past 2³² words carry into the high word', () => {
    const offset = 2 ** 33 + 3;
    expect(threefryWords([1, 2], offset, 1)[0]).toBe(threefry2x32([1, 2], [1, 1])[1]);
  });
});

describe('keys', () => {
  test('fold-ins and splits differ from one another', () => {
    const folded = Array.from({ length: 50 }, (_, n) => foldIn(key(1), n));
    const below = folded.flatMap((each) => [...split(each, 5), foldIn(each, 0), foldIn(each, 1)]);
    const keys = [...split(key(1), 50), ...folded, ...below];
    expect(new Set(keys.map(String)).size).toBe(keys.length);
  });

  test('splits are the same however many are wanted', () => {
    expect(split(key(1), 9).slice(0, 3)).toEqual(split(key(1), 3));
  });

  test.each([undefined, null, 1, [1], [1, 2, 3], [0.5, 1], [-1, 0], [2 ** 32, 0], ['1', 2], new Array(2), 'ab'])(
    '%j is no key',
    (given) => {
      const no = given as never;
      for (const use of [() => foldIn(no, 1), () => split(no, 1), () => uniform(no, [1]), () => normal(no, [1])]) {
        expect(use).toThrow(ArgumentError);
        expect(use).toThrow('a key is wanted');
      }
    },
  );

  test.each([-1, 0.5, NaN, 2 ** 53, '1'])('%j is folded in and split by nobody', (given) => {
    expect(() => foldIn(key(1), given as number)).toThrow('is not a whole number');
    expect(() => split(key(1), given as number)).toThrow('must be a whole number');
  });

  test('seeds that are not whole numbers are refused', () => {
    expect(() => key(-1)).toThrow(/whole number/);
    expect(() => key(0.5)).toThrow(/whole number/);
  });
});

describe('draws', () => {
  test('uniform numbers are those of the host, at any offset', () => {
    scope(() => {
      expect([...uniform(key(3), [10], { offset: 7 }).readSync()]).toEqual([...uniformValues(key(3), 10, 7)]);
    });
  });

  test('uniform and normal numbers have their moments', () => {
    const count = 100_000;
    scope(() => {
      const u = uniform(key(4), [count], { dtype: 'f64' }).readSync();
      const n = normal(key(5), [count], { dtype: 'f64' }).readSync();
      const mean = (xs: ArrayLike<number>, power: number): number =>
        Array.from(xs).reduce((sum, x) => sum + x ** power, 0) / count;
      expect(Math.abs(mean(u, 1) - 1 / 2)).toBeLessThan(4.5 * Math.sqrt(1 / 12 / count));
      expect(Math.abs(mean(n, 1))).toBeLessThan(4.5 * Math.sqrt(1 / count));
      expect(Math.abs(mean(n, 2) - 1)).toBeLessThan(4.5 * Math.sqrt(2 / count));
      expect(Math.abs(mean(n, 4) - 3)).toBeLessThan(4.5 * Math.sqrt(96 / count));
      expect(Math.min(...u.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    });
  });
});
