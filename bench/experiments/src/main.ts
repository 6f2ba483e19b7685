import { resolve } from 'node:path';
import { ArgumentError, TempogradError } from '@tempograd/core';
import { Command, InvalidArgumentError } from 'commander';
import { keepResult } from './command/keepResult.js';
import { keptPlaces } from './command/places.js';
import { makeResult, readResult, type Result } from './command/Result.js';
import { showProgress } from './command/showProgress.js';
import { textTable } from './command/textTable.js';
import { experiments, type AnyExperiment } from './experiments.js';

interface Options {
  readonly small: boolean;
  readonly seed: number;
  readonly text?: string;
  readonly out?: string;
  readonly redraw: boolean;
}

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number from 0.');
  return value;
};

const list = experiments.map(({ name, title }) => `  ${name.padEnd(24)} ${title}`).join('\n');

const command = new Command('experiment')
  .description(
    'Runs an experiment whose result is known, and keeps its figures and pictures. Without a name it lists them.',
  )
  .argument('[name]', 'which one')
  .option('--small', 'a size that runs in seconds; figures are shown, and kept only with --out', false)
  .option('--seed <s>', 'what the random numbers come from', whole, 1)
  .option('--text <file>', 'what experiments on text learn; Moby Dick where it is left out')
  .option('--out <folder>', 'keep figures and pictures there, instead of where the documents show them')
  .option('--redraw', 'run nothing, and draw the figures that are kept', false)
  .addHelpText('after', `\nExperiments:\n${list}`)
  .parse();

const [name] = command.args;
const chosen = experiments.find((each) => each.name === name);
if (name === undefined) console.log(`${list}\n\nnpm run experiment -- NAME [--small]`);
else if (chosen === undefined) {
  console.error(`There is no experiment "${name}". There are:\n${list}`);
  process.exitCode = 1;
} else {
  try {
    await show(chosen, command.opts<Options>());
  } catch (error) {
    // What was given does not do: that is told without where in the code it was found.
    if (!(error instanceof TempogradError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Runs an experiment, or reads what is kept of it; prints its tables, and keeps figures and pictures where they belong. */
async function show(experiment: AnyExperiment, { redraw, out, ...settings }: Options): Promise<void> {
  const places = out === undefined ? keptPlaces : { results: resolve(out), pictures: resolve(out) };
  const result = redraw ? readResult(experiment.name, places) : await runExperiment(experiment, settings);
  const report = experiment.report(result.figures);
  for (const table of report.tables) console.log(`\n${textTable(table)}`);
  console.log(`\n${result.seconds.toFixed(1)} s`);
  const ofPage = result.size === 'full' && (experiment.isOfPage?.(result.figures) ?? true);
  if (ofPage || out !== undefined)
    for (const file of await keepResult(result, report, places)) console.log(`written: ${file}`);
  else if (result.size === 'full')
    console.log(
      `Not kept: docs/experiments/${experiment.name}.md is about other data. Give --out FOLDER to keep this.`,
    );
}

async function runExperiment(
  experiment: AnyExperiment,
  { small, seed, text }: Pick<Options, 'small' | 'seed' | 'text'>,
): Promise<Result> {
  if (text !== undefined && experiment.readsText !== true) {
    const readers = experiments.filter(({ readsText }) => readsText === true).map((each) => each.name);
    throw new ArgumentError(
      `--text is for experiments on text, ${readers.join(', ')}; leave it out for ${experiment.name}.`,
    );
  }
  const settings = { size: small ? 'small' : 'full', seed } as const;
  const progress = showProgress();
  console.log(`${experiment.title} (${settings.size}, seed ${seed})`);
  const begin = performance.now();
  const figures = await experiment
    .run({ ...settings, ...(text === undefined ? {} : { text: resolve(text) }), onProgress: progress.update })
    .finally(progress.stop);
  const seconds = (performance.now() - begin) / 1000;
  return makeResult({ experiment: experiment.name, ...settings, seconds, figures });
}
