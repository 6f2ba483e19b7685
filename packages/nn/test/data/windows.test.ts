import { disposeTree, key, scope } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { DataError, windows, type Series, type WindowOptions } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

interface Window {
  readonly inputs: number[][];
  readonly targets: number[][];
}

/** The valid steps of each window that has some. */
async function read(series: Series, options: WindowOptions, { epoch = 0, index = 0 } = {}): Promise<Window[]> {
  const all: Window[] = [];
  for await (const { stretch, ends } of windows(series, options).open({ epoch, index }, { dtype: 'f64' })) {
    expect(ends).toBe(true);
    const [time = 0, batch = 0] = stretch.inputs.shape;
    expect([time, batch]).toEqual([options.length, options.batch]);
    const mask = stretch.mask?.readSync();
    for (let row = 0; row < batch; row++) {
      const valid = Array.from({ length: time }, (_, step) => step).filter((step) => mask?.[step * batch + row] !== 0);
      const rows = (x: typeof stretch.inputs): number[][] => {
        const [features = 1, values] = [x.shape[2], x.readSync()];
        return valid.map((step) =>
          [...values].slice((step * batch + row) * features, (step * batch + row + 1) * features),
        );
      };
      if (valid.length > 0) all.push({ inputs: rows(stretch.inputs), targets: rows(stretch.targets) });
    }
    disposeTree(stretch);
  }
  return all;
}

const count = (length: number): number[] => Array.from({ length }, (_, index) => index);
const column = (values: number[]): number[][] => values.map((value) => [value]);

describe('windows', () => {
  test('of one number a step, each step’s target a step ahead; the last one padded', async () => {
    expect(await read(count(12), { length: 4, batch: 2 })).toEqual([
      { inputs: column([0, 1, 2, 3]), targets: column([1, 2, 3, 4]) },
      { inputs: column([4, 5, 6, 7]), targets: column([5, 6, 7, 8]) },
      { inputs: column([8, 9, 10]), targets: column([9, 10, 11]) },
    ]);
  });

  test('every step with a target is in a window, whatever the lengths', async () => {
    for (const length of [1, 3, 4, 20]) {
      for (const horizon of [0, 1, 3]) {
        for (let total = horizon + 1; total < 12; total++) {
          const steps = (await read(count(total), { length, horizon, batch: 2 })).flatMap(({ inputs }) =>
            inputs.flat(),
          );
          expect(steps).toEqual(count(total - horizon));
        }
      }
    }
  });

  test('that overlap, with several features and targets of their own', async () => {
    const series = count(6).map((t) => [t, 10 * t]);
    const all = await read(series, { length: 4, stride: 2, batch: 1, targets: count(6).map((t) => -t) });
    expect(all).toHaveLength(2);
    expect(all[1]).toEqual({ inputs: series.slice(2), targets: column([-2, -3, -4, -5]) });
  });

  test('in another order in each epoch, the same for the same key and position', async () => {
    const options = { length: 2, batch: 3, shuffle: key(4) };
    const first = await read(count(41), options);
    const second = await read(count(41), options, { epoch: 1 });
    const starts = (all: Window[]): number[] => all.map(({ inputs }) => inputs[0]?.[0] as number);
    expect(starts(first)).not.toEqual(starts(second));
    expect(starts(first).sort((a, b) => a - b)).toEqual(starts(second).sort((a, b) => a - b));
    expect(await read(count(41), options, { epoch: 1, index: 2 })).toEqual(second.slice(6));
  });

  test('have a mask only where there is padding', async () => {
    for await (const { stretch } of windows(count(9), { length: 4, batch: 2 }).open({ epoch: 0, index: 0 })) {
      expect(stretch.mask).toBeNull();
      disposeTree(stretch);
    }
  });

  test('refuse a series with no target, of unequal rows, and senseless lengths', () => {
    expect(() => windows([1, 2], { length: 4, horizon: 2, batch: 1 })).toThrow(DataError);
    expect(() => windows([[1, 2], [3]], { length: 4, batch: 1 })).toThrow(
      /step 1 of the series has 1 numbers, but step 0 has 2/,
    );
    expect(() => windows([], { length: 4, batch: 1 })).toThrow(/no steps/);
    expect(() => scope(() => windows([1, 2], { length: 0, batch: 1 }))).toThrow(/length must be/);
    expect(() => windows([1, 2], { length: 1, horizon: -1, batch: 1 })).toThrow(/horizon must be/);
  });
});
