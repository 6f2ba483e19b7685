import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, fitScaler, scalerFromJson, type Scaling } from '../../src/index.js';
import { expectClose } from '../support/close.js';

interface Golden {
  readonly training: (number | null)[][];
  readonly heldOut: (number | null)[][];
  readonly cases: { readonly name: string; readonly scaling: Scaling; readonly scaled: (number | null)[][] }[];
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/scalers.json'), 'utf8')) as Golden;
const numbers = (rows: readonly (number | null)[][]): number[][] => rows.map((row) => row.map((x) => x ?? Number.NaN));
const [training, heldOut] = [numbers(golden.training), numbers(golden.heldOut)];
const finite = (rows: readonly ArrayLike<number>[]): number[] =>
  rows.flatMap((row) => Array.from(row, (x) => (Number.isNaN(x) ? -1e9 : x)));

describe('a scaler', () => {
  test.each(golden.cases)('scales as scikit-learn does: $name', ({ scaling, scaled }) => {
    const scaler = fitScaler(training, scaling);
    expectClose(finite(scaler.transform(heldOut)), finite(numbers(scaled)), 1e-9);
    const again = scalerFromJson(JSON.parse(JSON.stringify(scaler)));
    expect(again.transform(heldOut)).toEqual(scaler.transform(heldOut));
    expectClose(finite(again.inverse(again.transform(heldOut))), finite(heldOut), 1e-12);
  });

  test('undoes what it does, for any numbers and any chain of methods', () => {
    const method = fc.constantFrom('none' as const, 'standard' as const, 'minMax' as const, 'robust' as const);
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 20 }),
        fc.array(method, { maxLength: 3 }),
        (values, scaling) => {
          const scaler = fitScaler(values, scaling);
          const scaled = scaler.transform(values);
          expect(scaled.every(Number.isFinite)).toBe(true);
          const largest = Math.max(1, ...values.map(Math.abs));
          for (const [at, value] of scaler.inverse(scaled).entries())
            expect(Math.abs(value - (values[at] as number)) / largest).toBeLessThan(1e-9);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of columns goes by name, each with its own method', () => {
    const scaler = fitScaler(
      { sun: [1, 3], rain: [0, Math.E - 1] },
      { rain: { kind: 'log', offset: 1 }, sun: 'minMax' },
    );
    expect(scaler.transform({ rain: [Math.E - 1], sun: [2] })).toEqual({
      rain: Float64Array.of(1),
      sun: Float64Array.of(0.5),
    });
    expect(scaler.inverse({ sun: [0.5] })).toEqual({ sun: Float64Array.of(2) });
    expect(scaler.channel('sun').inverse([0, 1])).toEqual(Float64Array.of(1, 3));
    expect(scaler.channel(0).transform([3])).toEqual(Float64Array.of(1));
    expect([scaler.channels, scaler.names, scaler.channel('sun').names]).toEqual([2, ['sun', 'rain'], ['sun']]);
    // As a forecast is read from a tensor: the channels of each step side by side.
    expectClose(scaler.inverse([0.5, 1, 0, 0]), [2, Math.E - 1, 1, 0], 1e-12);
    expect(
      fitScaler(
        [
          [1, 2],
          [3, 4],
        ],
        { 0: 'none', 1: 'minMax' },
      ).transform([[5, 4]]),
    ).toEqual([Float64Array.of(5, 1)]);
  });

  test('only shifts a channel that is constant, and leaves out what is missing', () => {
    for (const scaling of ['standard', 'minMax', 'robust'] as const) {
      const scaler = fitScaler([0.1, Number.NaN, 0.1, 0.1], scaling);
      expectClose(scaler.transform([0.1, 0.6]), [0, 0.5], 1e-15);
      expect(scaler.transform([Number.NaN])).toEqual(Float64Array.of(Number.NaN));
    }
  });

  test('keeps its accuracy far from 0, and at sizes whose squares overflow', () => {
    const far = fitScaler([1e9, 1e9 + 1, 1e9 + 2]);
    expectClose(far.transform([1e9, 1e9 + 1]), [-Math.sqrt(1.5), 0], 1e-12);
    expectClose(fitScaler([-1e200, 1e200]).transform([1e200]), [1], 1e-12);
    expect(() => fitScaler([-1.7e308, 1.7e308], 'minMax')).toThrow(/too large to scale/);
  });

  test('takes what a model gives as it is, infinity and nothing among it', () => {
    const scaler = fitScaler([1, 3]);
    expect(scaler.inverse([Infinity, Number.NaN])).toEqual(Float64Array.of(Infinity, Number.NaN));
    expect(scaler.inverse([])).toHaveLength(0);
    expect(
      fitScaler([
        [1, 2],
        [2, 4],
      ]).inverse(new Float32Array(0)),
    ).toHaveLength(0);
  });

  test('does not look at what it was not fitted on', () => {
    const before = fitScaler([1, 2, 3]);
    const scaled = before.transform([100]);
    before.transform([1e9, -1e9]);
    expect(before.transform([100])).toEqual(scaled);
  });
});

describe('scalers refuse, in words', () => {
  test('values without a logarithm, by channel', () => {
    expect(() => fitScaler({ rain: [1, 0] }, 'log')).toThrow(/0 in column "rain" has no logarithm.*offset/);
    expect(() => fitScaler([1, 2], 'log').transform([3, -1])).toThrow(/-1 in the series has no logarithm/);
    expect(() => fitScaler([1, 2], { kind: 'log', offset: 1 }).transform([-1])).toThrow(/when 1 is added/);
  });

  test('channels that are not those of the scaler, or have no values', () => {
    const scaler = fitScaler({ sun: [1, 3], rain: [0, 1] });
    expect(() => scaler.transform({ snow: [1] })).toThrow(/no column "snow" in a scaler of "sun", "rain"/);
    expect(() => scaler.transform([[1, 2, 3]])).toThrow(/3 channels, but this is a scaler of "sun", "rain"/);
    expect(() => scaler.inverse([1, 2, 3])).toThrow(/flat list of 3 numbers is not made of steps of 2/);
    expect(() => scaler.channel('snow')).toThrow(/no "snow"/);
    expect(() => fitScaler({ sun: [Number.NaN] })).toThrow(/every value of column "sun" is missing/);
    expect(() => fitScaler([])).toThrow(/no steps/);
  });

  test('scalings that there are not', () => {
    const wrong =
      (scaling: unknown): (() => unknown) =>
      () =>
        fitScaler({ sun: [1, 2] }, scaling as Scaling);
    expect(wrong('zscore')).toThrow(/no scaling "zscore"; known are 'none', 'standard'/);
    expect(wrong({ sun: undefined })).toThrow(/column "sun" has no scaling; write 'none'/);
    expect(wrong({ snow: 'none' })).toThrow(/no channel "snow"; there are "sun"/);
    expect(wrong({ kind: 'minMax', range: [1, 1] })).toThrow(/range must be two numbers, the lower first/);
    expect(wrong({ kind: 'robust', quantiles: [25, 75] })).toThrow(/quantiles must be two numbers from 0 to 1/);
    expect(wrong({ kind: 'log', offset: 'x' })).toThrow(/offset must be a finite number/);
    expect(wrong(null)).toThrow(/no scaling null; known are/);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['another version', { version: 2, names: null, channels: [[]] }],
    ['no channels', { version: 1, names: null, channels: [] }],
    ['a scale of 0', { version: 1, names: null, channels: [[{ kind: 'standard', shift: 0, scale: 0 }]] }],
    ['an unknown step', { version: 1, names: null, channels: [[{ kind: 'sqrt' }]] }],
    ['too few names', { version: 1, names: ['a'], channels: [[], []] }],
    ['one name twice', { version: 1, names: ['a', 'a'], channels: [[], []] }],
  ])('JSON that describes none: %s', (_, json) => {
    expect(() => scalerFromJson(json)).toThrow(DataError);
  });
});
