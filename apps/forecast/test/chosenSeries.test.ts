import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenSeries } from '../src/series/chosenSeries.js';
import type { NamedSeries } from '../src/series/NamedSeries.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forecast-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, rows: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, ['day,sold', ...rows].join('\n'));
  return path;
}

const rows = (count: number): string[] =>
  Array.from({ length: count }, (_, day) => `2024-01-${String(day + 1).padStart(2, '0')},${day === 3 ? '' : day}`);

const own = { time: 'day', value: 'sold', season: 7 };

it('the series that come with it are whole', async () => {
  const found = await chosenSeries(['co2', 'seattle'], {});
  expect(found.map(([name]) => name)).toEqual(['co2', 'seattle']);
  for (const [, { times, values, season, timeAfter }] of found) {
    expect(values.length).toBe(times.length);
    expect(values.length).toBeGreaterThan(4 * season);
    expect([...times, ...values].every(Number.isFinite)).toBe(true);
    expect(timeAfter(1)).toBeGreaterThan(times.at(-1)!);
  }
});

it('one of your own is read from a file, gaps filled with the value before', async () => {
  const [[name, series]] = (await chosenSeries([], { csv: await file('own.csv', rows(28)), ...own })) as [
    readonly [string, NamedSeries],
  ];
  expect(name).toBe('own');
  expect(series.values.slice(0, 6)).toEqual([0, 1, 2, 2, 4, 5]);
  expect(series).toMatchObject({ season: 7, horizon: 7, title: 'sold of own.csv' });
});

describe('what cannot be forecast is refused in words', () => {
  it.each([
    ['a name that is not known', ['toString'], {}, /There is no series "toString": take co2 or seattle/],
    ['too little said of a file', [], { csv: 'a.csv' }, /needs --time COLUMN, --value COLUMN and --season STEPS/],
    ['a file that is not there', [], { csv: 'nowhere.csv', ...own }, /nowhere\.csv cannot be read: ENOENT/],
  ])('%s', async (_what, names, options, message) => {
    await expect(chosenSeries(names, options)).rejects.toThrow(message);
  });

  it('a column that is not there', async () => {
    const csv = await file('column.csv', rows(28));
    await expect(chosenSeries([], { csv, ...own, value: 'price' })).rejects.toThrow(
      /there is no column "price"; there are "day", "sold"/,
    );
  });

  it('times that do not rise, and too few values', async () => {
    const backwards = await file('backwards.csv', [...rows(28)].reverse());
    await expect(chosenSeries([], { csv: backwards, ...own })).rejects.toThrow(/the times must rise, but row 2/);
    const few = await file('few.csv', rows(9));
    await expect(chosenSeries([], { csv: few, ...own })).rejects.toThrow(/9 values; four seasons of 7 are needed/);
  });
});
