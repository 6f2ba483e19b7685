import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { backtestOf } from '../src/backtest.js';
import { bandsOf } from '../src/model/bands.js';
import { changesAhead, features } from '../src/model/features.js';
import { scores } from '../src/report/score.js';
import { known } from '../src/series/known.js';

beforeAll(() => useBackend(createBackend()));

describe('a backtest', () => {
  it.each([
    ['co2', 25],
    ['seattle', 4],
  ])(
    'of %s beats both naive forecasts on what was held out, with the defaults but fewer epochs',
    async (name, epochs) => {
      const series = await known[name]!();
      const found = await backtestOf(series, { hidden: 16, epochs, seed: 1, band: 0.8, out: '.' });
      const [model, ...naive] = found.scores;
      for (const { mae, mase } of naive) {
        expect(model!.mae).toBeLessThan(0.95 * mae);
        expect(model!.mase).toBeLessThan(0.95 * mase);
      }
      expect(model!.coverage).toBeGreaterThan(0.7);
      expect(model!.coverage).toBeLessThan(0.9);
      expect(found.svg).toMatch(/^<svg[^]*<\/svg>$/);
      for (const text of [series.title, series.axis, 'measured', 'forecast and its band', 'seasonal-naive'])
        expect(found.svg).toContain(text);
      expect(found.svg).not.toMatch(/NaN|Infinity/);
    },
  );
});

describe('nothing of what is to come', () => {
  const values = Array.from({ length: 40 }, (_, step) => Math.sin(step) + step / 10);
  const times = values.map((_, step) => Date.UTC(2020, step));
  const changed = values.map((value, step) => (step < 30 ? value : 1000));

  it('is in what is read', () => {
    const read = (from: number[]): number[][] =>
      Object.values(features(times, from, 12, () => [0, 1])).map((column) => [...column.subarray(0, 30)]);
    expect(read(changed)).toEqual(read(values));
  });

  it('is in a band', () => {
    const forecasts = values.map((value) => [value, value + 0.1]);
    const bands = (from: number[]) =>
      [...bandsOf(from, forecasts, { share: 0.5, from: 5, to: 15, latest: 8 })].filter(([origin]) => origin < 30);
    expect(bands(values)).toHaveLength(15);
    expect(bands(changed)).toEqual(bands(values));
  });
});

it('a band is made of the latest errors that are known', () => {
  // Errors of one step ahead are 1, 2, 3, …: the value of step n is n² / 2 + n / 2, and the forecast is the last value.
  const values = Array.from({ length: 12 }, (_, step) => (step * (step + 1)) / 2);
  const bands = bandsOf(
    values,
    values.map((value) => [value]),
    { share: 0.5, from: 2, to: 10, latest: 3 },
  );
  // At step 10 the forecasts from 7, 8 and 9 are looked at, whose errors are 8, 9 and 10: half of new ones lie between the outer two.
  expect(bands.get(10)).toEqual({ lower: Float64Array.of(55 + 8), upper: Float64Array.of(55 + 10) });
  expect([...bands.keys()]).toEqual([10, 11]);
});

it('changes ahead are those from the step on', () => {
  expect(changesAhead([1, 2, 4, 8], 2)).toEqual([
    [1, 3],
    [2, 6],
  ]);
  expect(changesAhead([1], 2)).toEqual([]);
});

it('scores are of held-out values alone, by every step ahead', async () => {
  const values = [0, 1, 0, 1, 0, 1, 10, 20, 0];
  const forecasts = values.map(() => [10, 20]);
  const wide = { lower: [10, 15], upper: [10, 25] };
  const bands = new Map([
    [5, wide],
    [6, wide],
  ]);
  const [model, naive, last] = await scores({ values, season: 1, test: 6, forecasts, bands });
  // From step 5 it is right; from step 6 it says 10 and 20 for 20 and 0. The naive error before is 1.
  expect(model).toEqual({ name: 'GRU', mae: (0 + 0 + 10 + 20) / 4, mase: 30 / 4, coverage: 2 / 4 });
  expect(naive).toMatchObject({ mae: (9 + 19 + 10 + 10) / 4, coverage: null });
  expect(last?.mae).toBe(naive?.mae);
});

it('a series too short for a band is refused in words', async () => {
  const series = await known['co2']!();
  const short = { ...series, times: series.times.slice(0, 60), values: series.values.slice(0, 60) };
  await expect(backtestOf(short, { hidden: 4, epochs: 1, seed: 1, band: 0.8, out: '.' })).rejects.toThrow(
    /has 60 values; a forecast of 12 months with a band for 80 % takes 140 at least/,
  );
});
