import { describe, expect, test } from 'vitest';
import {
  cycle,
  dayOfWeek,
  dayOfYear,
  fillMissing,
  hourOfDay,
  lastValue,
  monthOfYear,
  seasonalNaive,
  timeFeatures,
} from '../../src/index.js';
import { expectClose } from '../support/close.js';

const { NaN: none } = Number;

describe('fillMissing', () => {
  test('forward, and on a line', () => {
    const series = { a: [1, none, none, 4, none], b: [1, 2, 3, 4, 5] };
    expect(fillMissing(series)).toEqual({
      a: Float64Array.of(1, 1, 1, 4, 4),
      b: Float64Array.of(1, 2, 3, 4, 5),
    });
    expect(fillMissing([none, 1, none, 3, none, none], { by: 'linear' })).toEqual(Float64Array.of(1, 1, 2, 3, 3, 3));
    expect(fillMissing([[1], [none]])).toEqual([Float64Array.of(1), Float64Array.of(1)]);
  });

  test('refuses a gap that nothing stands before, and channels of gaps', () => {
    expect(() => fillMissing({ rain: [none, none, 1] })).toThrow(/column "rain" begins with 2 missing values/);
    expect(() => fillMissing([none], { by: 'linear' })).toThrow(/every value of the series is missing/);
  });
});

describe('baselines', () => {
  test('repeat the last value, and the last season', () => {
    expect(lastValue([1, 2, 3], { steps: 2 })).toEqual(Float64Array.of(3, 3));
    expect(seasonalNaive([9, 1, 2, 3], { season: 3, steps: 5 })).toEqual(Float64Array.of(1, 2, 3, 1, 2));
  });

  test('refuse a history too short, or with gaps', () => {
    expect(() => seasonalNaive([1, 2], { season: 3, steps: 1 })).toThrow(/2 steps is shorter than what is repeated, 3/);
    expect(() => lastValue([], { steps: 1 })).toThrow(/0 steps/);
    expect(() => lastValue([[1]] as never, { steps: 1 })).toThrow(/history must be a list of numbers, one channel/);
    expect(() => lastValue(undefined as never, { steps: 1 })).toThrow(/the history must be .* but is undefined/);
    expect(() => lastValue([1, none], { steps: 1 })).toThrow(/step 1 of the history is NaN/);
    expect(() => lastValue([1], { steps: 0 })).toThrow(/steps must be a whole number ≥ 1/);
    expect(() => seasonalNaive([1], { steps: 1, season: 0.5 })).toThrow(/season must be/);
  });
});

describe('features of time', () => {
  test('stand on a circle: a quarter of the way is straight up', () => {
    expectClose(cycle(0.25), [1, 0], 1e-15);
    expectClose(hourOfDay(Date.UTC(2024, 5, 3, 6)), [1, 0], 1e-12);
    expectClose(monthOfYear(Date.UTC(2024, 3, 30)), [1, 0], 1e-12);
    expectClose(dayOfYear(Date.UTC(2023, 0) + 0.25 * 365 * 86_400_000), [1, 0], 1e-12);
    // 1 January 1970 was a Thursday.
    expectClose(dayOfWeek(new Date(0)), [0, 1], 1e-12);
    expectClose(dayOfWeek(new Date(-7 * 86_400_000)), [0, 1], 1e-12);
    expectClose(hourOfDay(-6 * 3_600_000), cycle(0.75), 1e-12);
  });

  test('become columns by name, a list of numbers as many', () => {
    const values = [5, 6, 7];
    const times = values.map((_, month) => Date.UTC(2024, month));
    const columns = timeFeatures(times, (time, index) => ({
      month: monthOfYear(time),
      before: values[index - 1] ?? none,
    }));
    expect(Object.keys(columns)).toEqual(['month.0', 'month.1', 'before']);
    expect(columns['before']).toEqual(Float64Array.of(none, 5, 6));
    expectClose(columns['month.0'] as Float64Array, [0, 0.5, Math.sqrt(3) / 2], 1e-12);
  });

  test('refuse what is no time, and other features for another time', () => {
    expect(() => hourOfDay('2024' as never)).toThrow(/hourOfDay: 2024 is no time/);
    expect(() => dayOfYear(new Date('x'))).toThrow(/is no time/);
    expect(() => timeFeatures(undefined as never, () => ({}))).toThrow(/times must be a list, but are undefined/);
    expect(() => timeFeatures([1], undefined as never)).toThrow(/features must be a function of a time/);
    expect(() => timeFeatures([1], () => 3 as never)).toThrow(/at index 0 there is 3; wanted are features by name/);
    expect(() => timeFeatures([1], () => ({ a: 'x' as never }))).toThrow(/a is the text "x"; it must be a number/);
    expect(() => timeFeatures([1, none], () => ({ a: 1 }))).toThrow(/NaN is no time/);
    expect(() => timeFeatures([1, 2], (_, index) => ({ a: index === 0 ? 1 : [1, 2] }))).toThrow(
      /at index 1 there are a.0, a.1, but at index 0 a/,
    );
  });
});
