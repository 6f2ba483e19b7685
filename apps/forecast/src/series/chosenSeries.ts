import { basename } from 'node:path';
import { cycle, fillMissing } from '@tempograd/nn';
import { readCsvFile } from '@tempograd/nn/node';
import type { Options } from '../program.js';
import { Refusal } from '../Refusal.js';
import { known } from './known.js';
import type { NamedSeries } from './NamedSeries.js';

/** The series asked for, by name. @throws Refusal for one that is not known, or that cannot be read. */
export async function chosenSeries(
  names: readonly string[],
  options: Pick<Options, 'csv' | 'time' | 'value' | 'season' | 'horizon'>,
): Promise<(readonly [name: string, series: NamedSeries])[]> {
  if (options.csv !== undefined) return [await ownSeries(options.csv, options)];
  return Promise.all(
    names.map(async (name) => {
      const load = known[name];
      if (load !== undefined && Object.hasOwn(known, name)) return [name, await load()] as const;
      throw new Refusal(
        `There is no series ${JSON.stringify(name)}: take ${Object.keys(known).join(' or ')}, or your own with --csv FILE.`,
      );
    }),
  );
}

async function ownSeries(
  file: string,
  { time, value, season, horizon }: Pick<Options, 'time' | 'value' | 'season' | 'horizon'>,
): Promise<readonly [string, NamedSeries]> {
  if (time === undefined || value === undefined || season === undefined)
    throw new Refusal('A series of your own needs --time COLUMN, --value COLUMN and --season STEPS.');
  const table = await readCsvFile(file).catch((cause: unknown) => {
    throw new Refusal(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
  const times = [...table.dates(time)];
  const values = [...fillMissing(table.numbers(value))];
  const late = times.findIndex((at, row) => row > 0 && at <= (times[row - 1] as number));
  if (late !== -1)
    throw new Refusal(`${file}: the times must rise, but row ${late + 1} is not later than the one before.`);
  if (values.length < 4 * season)
    throw new Refusal(`${file} has ${values.length} values; four seasons of ${season} are needed at least.`);
  const interval = ((times.at(-1) as number) - (times[0] as number)) / (times.length - 1);
  const own: NamedSeries = {
    title: `${value} of ${basename(file)}`,
    axis: value,
    step: 'step',
    times,
    values,
    season,
    horizon: horizon ?? Math.min(season, 12),
    calendar: (at) => cycle((at / interval / season) % 1),
    timeAfter: (steps) => (times.at(-1) as number) + steps * interval,
  };
  return [basename(file).replace(/\.[^.]*$/, ''), own];
}
