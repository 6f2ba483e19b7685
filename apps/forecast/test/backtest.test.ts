import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { backtestOf } from '../src/backtest.js';
import { bandsOf } from '../src/model/band.js';
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
    const bands = (from: number[]) => bandsOf(from, forecasts, { share: 0.8, from: 5, latest: 8 }).slice(0, 30);
    expect(bands(changed)).toEqual(bands(values));
  });
});

it('a band is the quantile of the latest errors that are known', () => {
  // Errors of one step ahead are 1, 2, 3, …: the value of step n is n² / 2 + n / 2, and the forecast is the last value.
  const values = Array.from({ length: 12 }, (_, step) => (step * (step + 1)) / 2);
  const bands = bandsOf(
    values,
    values.map((value) => [value]),
    { share: 0.5, from: 2, latest: 4 },
  );
  expect(bands.slice(0, 4)).toEqual([null, null, null, [3]]);
  // At step 10 errors 7, 8, 9, 10 are known, and the third of four is the median by rank ⌈5 · 0.5⌉.
  expect(bands[10]).toEqual([9]);
});

it('changes ahead are those from the step on', () => {
  expect(changesAhead([1, 2, 4, 8], 2)).toEqual([
    [1, 3],
    [2, 6],
  ]);
  expect(changesAhead([1], 2)).toEqual([]);
});

it('scores are of held-out values alone, by every step ahead', () => {
  const values = [0, 1, 0, 1, 0, 1, 10, 20];
  const forecasts = values.map(() => [10, 20]);
  const bands = values.map(() => [0, 5]);
  const [model, seasonal, last] = scores({ values, season: 2, training: 5, test: 6, forecasts, bands: bands }).map((each) => ({ ...each, mase: 0 })); // prettier-ignore
  expect(model).toMatchObject({ mae: 0, coverage: 1 });
  expect(seasonal).toMatchObject({ mae: (10 + 19) / 2, coverage: null });
  expect(last).toMatchObject({ mae: (9 + 19) / 2 });
});
