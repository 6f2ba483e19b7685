import { ArgumentError, checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { ChartRule, ChartSeries, LineChartOptions } from '../lineChart.js';

const seriesTable = optionTable<ChartSeries>({
  name: required('string'),
  points: required('array'),
  band: 'array',
  dashed: 'boolean',
});
const ruleTable = optionTable<ChartRule>({ x: 'number', y: 'number', label: 'string' });

/** @throws ArgumentError where a series, a rule or a size is none. */
export function checkSeries(
  of: string,
  { x, y, series, rules = [], width = 640, height = 300 }: LineChartOptions,
): void {
  for (const [name, value] of Object.entries({ width, height })) {
    if (value >= 120 && value <= 10_000) continue;
    throw new ArgumentError(`${of}: ${name} must be from 120 to 10,000 pixels, but is ${value}.`);
  }
  for (const [name, { range }] of Object.entries({ x, y })) {
    if (range !== undefined) checkTuples(of, [range], 2, `${name}.range`, '[low, high]');
  }
  for (const [at, each] of [...series].entries()) {
    const path = `series[${at}]`;
    checkOptions(of, each, seriesTable, path);
    checkTuples(of, each.points, 2, `${path}.points`, '[x, y]');
    checkTuples(of, each.band ?? [], 3, `${path}.band`, '[x, low, high]');
  }
  for (const [at, each] of [...rules].entries()) checkOptions(of, each, ruleTable, `rules[${at}]`);
}

function checkTuples(of: string, list: readonly unknown[], size: number, path: string, wanted: string): void {
  for (const [at, entry] of [...list].entries()) {
    if (Array.isArray(entry) && entry.length === size && entry.every((value) => typeof value === 'number')) continue;
    throw new ArgumentError(
      `${of}: ${path}[${at}] must be ${wanted}, ${size} numbers, but is ${JSON.stringify(entry)}.`,
    );
  }
}
