import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seasonalNaive } from '@tempograd/nn';
import { SingleBar } from 'cli-progress';
import { bandsOf, type Band } from './model/bands.js';
import { forecastsOf, type Forecasts } from './model/Forecaster.js';
import type { Options } from './program.js';
import { Refusal } from './Refusal.js';
import { plotSvg, type BandPoint, type PlotPoint } from './report/plotSvg.js';
import { scores, type Score } from './report/score.js';
import { table } from './report/table.js';
import { chosenSeries } from './series/chosenSeries.js';
import type { NamedSeries } from './series/NamedSeries.js';

/** The shares of a series that are trained on, and that say when to stop and give the first errors; the rest is held out to the end. */
const shares = { training: 0.65, validation: 0.15 } as const;

/** What a backtest came to. */
export interface Backtest {
  readonly scores: readonly Score[];
  /** The picture, an SVG that stands alone. */
  readonly svg: string;
}

/** Trains on each series, and shows how its forecasts do on what was held out. */
export async function backtest(names: readonly string[], options: Options): Promise<void> {
  await mkdir(options.out, { recursive: true });
  for (const [name, series] of await chosenSeries(names, options)) {
    const bar = new SingleBar({
      format: `${name}  {bar} {percentage} %  loss {loss}  {eta_formatted} left`,
      hideCursor: true,
    });
    if (process.stdout.isTTY) bar.start(1000, 0, { loss: '–' });
    const { scores: found, svg } = await backtestOf(series, options, (share, loss) =>
      bar.update(Math.round(1000 * share), { loss: loss.toFixed(3) }),
    );
    bar.stop();
    const file = join(options.out, `forecast-${name}.svg`);
    await writeFile(file, svg);
    const { horizon = series.horizon, band } = options;
    console.log(`\n${series.title}: ${horizon} ${series.step}s ahead, held-out values`);
    console.log(table(found, { unit: series.axis.replace(/.*\((.*)\)/, '$1'), share: band }));
    console.log(`${file}\n`);
  }
}

/** Trains on the first part of a series, takes the first errors for the band from the second, and measures on the third. */
export async function backtestOf(
  series: NamedSeries,
  { horizon = series.horizon, hidden, epochs, seed, band: share }: Options,
  progress?: (share: number, loss: number) => void,
): Promise<Backtest> {
  const { values, season } = series;
  const training = Math.floor(shares.training * values.length);
  const test = training + Math.floor(shares.validation * values.length);
  // So many errors a band takes, and of the farthest step ahead too.
  const validation = horizon + Math.ceil(2 / (1 - share) - 1 - 1e-9);
  if (test - training < validation)
    throw new Refusal(
      `${series.title} has ${values.length} values; a forecast of ${horizon} ${series.step}s with a band for ${Math.round(100 * share)} % takes ` +
        `${Math.ceil(validation / shares.validation)} at least. Forecast fewer steps with --horizon, or ask for less with --band.`,
    );
  const settings = {
    horizon,
    training,
    validation: test,
    hidden,
    epochs,
    seed,
    ...(progress === undefined ? {} : { progress }),
  };
  const forecasts = await forecastsOf(series, settings);
  const latest = Math.max(50, 2 * season);
  const bands = bandsOf(values, forecasts, { share, from: training - 1, to: test - 1, latest });
  const found = await scores({ values, season, test, forecasts, bands });
  return { scores: found, svg: await plotSvg(pictureOf(series, { test, forecasts, bands, share })) };
}

function pictureOf(
  series: NamedSeries,
  {
    test,
    forecasts,
    bands,
    share,
  }: { test: number; forecasts: Forecasts; bands: ReadonlyMap<number, Band>; share: number },
): Parameters<typeof plotSvg>[0] {
  const { title, axis, step, times, values, season, timeAfter } = series;
  const horizon = (forecasts[0] as readonly number[]).length;
  const last = values.length - 1;
  const timeOf = (index: number): Date => new Date(index <= last ? (times[index] as number) : timeAfter(index - last));
  const from = Math.max(0, test - 3 * Math.max(season, horizon), last - 60 * horizon);
  const measured: PlotPoint[] = [];
  const naive: PlotPoint[] = [];
  for (let index = from; index <= last; index++) measured.push({ date: timeOf(index), value: values[index] as number });
  const parts: BandPoint[][] = [];
  // From the end backwards, so that the last part is what is still to come.
  for (let origin = last; origin >= Math.max(test - 1, from); origin -= horizon) {
    const { lower, upper } = bands.get(origin) as Band;
    parts.unshift(
      (forecasts[origin] as readonly number[]).map((value, ahead) => ({
        date: timeOf(origin + 1 + ahead),
        value,
        lower: lower[ahead] as number,
        upper: upper[ahead] as number,
      })),
    );
    const asLastSeason = seasonalNaive(values.slice(0, origin + 1), { season, steps: horizon });
    naive.unshift(...Array.from(asLastSeason, (value, ahead) => ({ date: timeOf(origin + 1 + ahead), value })));
  }
  return {
    title,
    subtitle: `${horizon} ${step}s ahead at a time, with the band for ${Math.round(100 * share)} % of values; the last part is still to come`,
    axis,
    measured,
    seasonalNaive: naive,
    forecasts: parts,
  };
}
