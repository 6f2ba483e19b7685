import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { keepResult, type Places } from './command/keepResult.js';
import { makeResult } from './command/Result.js';
import { pagesFolder, picturesFolder, resultsFolder } from './command/places.js';
import { showProgress } from './command/showProgress.js';
import { textTable } from './command/textTable.js';
import { experiments } from './experiments.js';

interface Options {
  readonly small: boolean;
  readonly seed: number;
  readonly text?: string;
  readonly out?: string;
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
  .addHelpText('after', `\nExperiments:\n${list}`)
  .parse();

const [name] = command.args;
const chosen = experiments.find((each) => each.name === name);
if (name === undefined) console.log(`${list}\n\nnpm run experiment -- NAME [--small]`);
else if (chosen === undefined) {
  console.error(`There is no experiment "${name}". There are:\n${list}`);
  process.exitCode = 1;
} else {
  const { small, seed, text, out } = command.opts<Options>();
  const progress = showProgress();
  console.log(`${chosen.title} (${small ? 'small' : 'full'}, seed ${seed})`);
  const begin = performance.now();
  const settings = { size: small ? 'small' : 'full', seed } as const;
  const figures = await chosen
    .run({ ...settings, ...(text === undefined ? {} : { text: resolve(text) }), onProgress: progress.update })
    .finally(progress.stop);
  const seconds = (performance.now() - begin) / 1000;
  const report = chosen.report(figures);
  for (const table of report.tables) console.log(`\n${textTable(table)}`);
  console.log(`\n${seconds.toFixed(1)} s`);
  const ofPage = !small && (chosen.isOfPage?.(figures) ?? true);
  if (!small && !ofPage && out === undefined)
    console.log(`Not kept: ${pagesFolder}/${chosen.name}.md is about other data. Give --out FOLDER to keep this.`);
  const places = out === undefined ? kept(ofPage) : { results: resolve(out), pictures: resolve(out) };
  if (places !== null) {
    const result = makeResult({ experiment: chosen.name, ...settings, seconds, figures });
    for (const file of await keepResult(result, report, places)) console.log(`written: ${file}`);
    if (out === undefined) console.log(`Its page is ${pagesFolder}/${chosen.name}.md.`);
  }
}

/** Where results stand that the pages show: of the full size, and of the page's data, alone. */
function kept(ofPage: boolean): Places | null {
  return !ofPage ? null : { results: resultsFolder, pictures: picturesFolder };
}
