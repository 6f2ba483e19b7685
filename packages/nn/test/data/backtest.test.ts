import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addChanges, backtest, difference, lastValue, seasonalNaive } from '../../src/index.js';
import { expectClose } from '../support/close.js';

const { NaN: none } = Number;

describe('difference and addChanges', () => {
  test('undo each other, at any lag', () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 4 }), (series, lag) => {
        const changes = difference(series, { lag });
        expect(changes.slice(0, lag)).toEqual(new Float64Array(lag).fill(none));
        expect([...addChanges(series.slice(0, lag), changes.slice(lag), { lag })]).toEqual(series.slice(lag));
      }),
    );
    expect(difference([1, none, 4])).toEqual(Float64Array.of(none, none, none));
    expect(addChanges([1, 2], [], {})).toHaveLength(0);
    expect(addChanges([5], [1, 1])).toEqual(Float64Array.of(6, 7));
  });

  test('refuse a history too short, or with gaps, and lags that make no sense', () => {
    expect(() => addChanges([1], [1], { lag: 2 })).toThrow(/history of 1 steps is shorter than the lag, 2/);
    expect(() => addChanges([1, none], [1])).toThrow(/step 1 of the history is NaN/);
    expect(() => difference(['a'] as never)).toThrow(/row 0 is the text "a"/);
    expect(() => difference([1], { lag: 0 })).toThrow(/lag must be a whole number ≥ 1/);
  });
});

describe('backtest', () => {
  test('forecasts from each step on, with what came before it alone', async () => {
    const series = [1, 2, 4, 8, 16, 32];
    const seen: number[][] = [];
    const found = await backtest(
      series,
      (history) => {
        seen.push([...history]);
        return lastValue(history, { steps: 2 });
      },
      { from: 3 },
    );
    // 4 for 8 and 16, 8 for 16 and 32.
    expect(seen.slice(0, 2)).toEqual([series.slice(0, 3), series.slice(0, 4)]);
    expect(found).toEqual({
      forecasts: [Float64Array.of(4, 4), Float64Array.of(8, 8)],
      actuals: [Float64Array.of(8, 16), Float64Array.of(16, 32)],
      mae: 12,
      rmse: Math.sqrt((16 + 144 + 64 + 576) / 4),
      mase: 12 / 1.5,
      maeByStep: [6, 18],
    });
  });

  test('does what is written down plainly, whatever the stride, the season and the steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 12, maxLength: 30 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (series, stride, season, steps) => {
          const from = 6;
          const errors: number[] = [];
          for (let origin = from; origin + steps <= series.length; origin += stride)
            for (let step = 0; step < steps; step++)
              errors.push((series[origin - season + (step % season)] as number) - (series[origin + step] as number));
          const wait = async (history: Float64Array): Promise<Float64Array> => {
            await Promise.resolve();
            return seasonalNaive(history, { season, steps });
          };
          const found = await backtest(series, wait, { from, stride, season });
          const mae = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
          expectClose([found.mae, found.forecasts.length], [mae, errors.length / steps], 1e-12);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('passes by what is missing, and cannot be led by a forecast that changes its history', async () => {
    const series = [1, 1, 2, none, 4];
    const found = await backtest(
      series,
      (history) => {
        const last = lastValue(
          history.map((x) => (Number.isNaN(x) ? 3 : x)),
          { steps: 1 },
        );
        history.fill(0);
        return last;
      },
      { from: 2 },
    );
    const gap = await backtest([1, 2, none, none, 3, none], () => [1, 1], { from: 2, stride: 2 });
    expect([gap.forecasts.length, gap.maeByStep]).toEqual([2, [2, none]]);
    expect(found).toMatchObject({ mae: 1, mase: Infinity });
  });

  test('refuses a series too short, and forecasts that are none', async () => {
    const run = (forecast: (history: Float64Array) => unknown, series = [1, 2, 3, 4]): Promise<unknown> =>
      backtest(series, forecast as () => number[], { from: 2 });
    await expect(run(() => [1, 2, 3])).rejects.toThrow(/too few after step 2/);
    await expect(run(() => [1], [1, 2])).rejects.toThrow(/too few after step 2/);
    await expect(run(() => [])).rejects.toThrow(/from step 2 on must be a list of numbers/);
    await expect(run(() => undefined)).rejects.toThrow(/must be a list/);
    await expect(run((history) => (history.length === 2 ? [1] : [1, 2]))).rejects.toThrow(
      /has 2 steps, but the one before it 1/,
    );
    await expect(run(() => [none])).rejects.toThrow(/is NaN at step 0/);
    await expect(backtest([1, 2], null as never, { from: 1 })).rejects.toThrow(
      /must be a function of the history, but is null/,
    );
    await expect(backtest([1, 2], () => [1], { from: 0 })).rejects.toThrow(/from must be a whole number ≥ 1/);
  });
});
