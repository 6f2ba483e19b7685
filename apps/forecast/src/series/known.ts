import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dayOfYear, monthOfYear } from '@tempograd/nn';
import { readCsvFile } from '@tempograd/nn/node';
import type { NamedSeries } from './NamedSeries.js';

const day = 86_400_000;

/** The series that come with the app, from the package vega-datasets. */
export const known: Readonly<Record<string, () => Promise<NamedSeries>>> = {
  co2: async () => {
    const { times, values } = await column('co2-concentration.csv', 'Date', 'CO2');
    return {
      title: 'CO₂ at Mauna Loa',
      axis: 'CO₂ (ppm)',
      step: 'month',
      times,
      values,
      season: 12,
      horizon: 12,
      calendar: monthOfYear,
      timeAfter: (steps) => {
        const last = new Date(times.at(-1) as number);
        return Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + steps, 1);
      },
    };
  },
  seattle: async () => {
    const { times, values } = await column('seattle-weather.csv', 'date', 'temp_max');
    return {
      title: 'Highest temperature of the day in Seattle',
      axis: 'temperature (°C)',
      step: 'day',
      times,
      values,
      season: 365,
      horizon: 7,
      calendar: dayOfYear,
      timeAfter: (steps) => (times.at(-1) as number) + steps * day,
    };
  },
};

async function column(file: string, time: string, value: string): Promise<{ times: number[]; values: number[] }> {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')));
  const table = await readCsvFile(join(folder, 'data', file));
  return { times: [...table.dates(time)], values: [...table.numbers(value)] };
}
