import { Command, InvalidArgumentError, Option } from 'commander';
import { backtest } from './backtest.js';
import { stream } from './stream.js';
import { known } from './series/known.js';

/** The command line. */
export function program(): Command {
  return new Command('forecast')
    .description('Trains a GRU on a series, forecasts what was held out, and sets it beside the naive forecasts.')
    .argument('[series...]', `which series: ${Object.keys(known).join(', ')}`, Object.keys(known))
    .option('--csv <file>', 'a series of your own, with --time, --value and --season')
    .option('--time <column>', 'its column of times, such as 2024-05-01')
    .option('--value <column>', 'its column of values')
    .option('--season <steps>', 'steps of its season', whole(1))
    .option('--horizon <steps>', 'steps to forecast', whole(1))
    .option('--out <folder>', 'where pictures are written', '.')
    .option('--stream', 'learn from numbers on standard input, one a line, and forecast the next after each')
    .addOption(new Option('--band <share>', 'share of values that the band is to hold').default(0.8).argParser(share))
    .addOption(new Option('--hidden <units>', 'units of the GRU').default(16).argParser(whole(1)))
    .addOption(
      new Option('--epochs <number>', 'times through the training part, at most').default(100).argParser(whole(1)),
    )
    .addOption(new Option('--seed <number>', 'another seed, another start').default(1).argParser(whole(0)))
    .action(async (names: string[], options: Options) =>
      options.stream === true ? stream(options) : backtest(names, options),
    );
}

/** What the command line says. */
export interface Options {
  readonly csv?: string;
  readonly time?: string;
  readonly value?: string;
  readonly season?: number;
  readonly horizon?: number;
  readonly out: string;
  readonly stream?: true;
  readonly band: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
}

function whole(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}

function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be a number between 0 and 1.');
}
