import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import type { BenchBrowser } from './browser/openBrowser.js';
import type { FoundColumns } from './columns/Column.js';
import { findColumns } from './columns/findColumns.js';
import { parseRow, type Row } from './grid/Row.js';
import { browserRows, longRows, shortRows } from './grid/rows.js';
import { machineVectors } from './measure/machineVectors.js';
import { breakdownTable } from './report/breakdownTable.js';
import { comparison } from './report/comparison.js';
import { picture } from './report/picture.js';
import { readResultFile, type ResultFile } from './report/ResultFile.js';
import { rowTable } from './report/rowTable.js';
import { targetTable } from './report/targets.js';
import { runBench } from './runBench.js';

interface Options {
  readonly long: boolean;
  readonly rows?: Row[];
  readonly columns: string[];
  readonly nodes: number[];
  readonly browser: boolean;
  readonly chromium: string[];
  readonly python: string[];
  readonly seconds: number;
  readonly rounds: number;
  readonly limit?: number;
  readonly patience: number;
  readonly breakdown: boolean;
  readonly out?: string;
  readonly compare?: string;
  readonly show?: string;
}

const list = (text: string): string[] => text.split(',');
const words = (text: string): string[] => text.split(' ');
const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

const namedRows = (text: string): Row[] => {
  try {
    return list(text).map(parseRow);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

const options = new Command('bench')
  .description('Times training steps of this library and others side by side, in turns, on one machine.')
  .option('--long', 'every cell, size, batch and length instead of a few rows (hours)', false)
  .option('--rows <names>', 'these rows only, such as lstm-h128-b32-t50,infer-gru-2x64-b1-t1-e32-v100', namedRows)
  .option(
    '--columns <parts>',
    'columns of these names, or whose names hold one of these, such as webgpu,pytorch or js@20',
    list,
    [],
  )
  .option('--nodes <majors>', 'versions of Node to run JavaScript on', (text) => list(text).map(positive), [20, 24])
  .option('--browser', 'columns on the GPU in pages of one Chromium, instead of processes', false)
  .option('--chromium <arguments>', 'further arguments of Chromium, such as --enable-features=Vulkan', words, [])
  .option(
    '--python <program>',
    'a Python that has PyTorch; again for another version (default: python3)',
    (path: string, before: string[]) => [...before, path],
    [],
  )
  .option('--seconds <s>', 'length of a slice, one column in one round', positive, 0.12)
  .option('--rounds <n>', 'rounds of slices per row', positive, 5)
  .option('--limit <s>', 'leave out columns that need longer for one step (default: 2, with --long 20)', positive)
  .option('--patience <s>', 'leave out columns that need longer to get ready for a row', positive, 60)
  .option('--no-breakdown', 'do not measure where the steps of this library go')
  .option('--out <path>', 'where to write the results, as .json and .svg (default: results/DATE-VECTORS)')
  .option('--compare <file>', 'compare with the results of an earlier run')
  .option('--show <file>', 'run nothing, and report an earlier run')
  .parse()
  .opts<Options>();

const before = options.compare === undefined ? null : readResultFile(inWorkspace(options.compare));
const result = options.show === undefined ? await measure(options) : readResultFile(inWorkspace(options.show));
if (options.show !== undefined) {
  printHeading(result);
  for (const row of result.rows) console.log(rowTable(result, row));
}
for (const table of [breakdownTable(result), targetTable(result)]) if (table !== '') console.log(table);
if (before !== null) console.log(comparison(result, before));

async function measure(chosen: Options): Promise<ResultFile> {
  const { rows, long, browser, seconds, rounds, limit, patience, breakdown, out } = chosen;
  const base =
    out !== undefined
      ? inWorkspace(out.replace(/\.(json|svg)$/, ''))
      : join(fileURLToPath(new URL('../results', import.meta.url)), fileNameOf(new Date()));
  mkdirSync(dirname(base), { recursive: true });
  let printed: number | null = null;
  const opened = browser ? await openBrowserFor(chosen) : null;
  const plan = {
    rows: rows ?? (long ? longRows() : browser ? browserRows : shortRows),
    ...(opened ?? (await findColumns({ ...chosen, only: chosen.columns }))),
    settings: {
      secondsPerSlice: seconds,
      rounds,
      stepLimitSeconds: limit ?? (long ? 20 : 2),
      patienceSeconds: patience,
      breakdown,
    },
  };
  const measured = await runBench(plan, (soFar) => {
    if (printed === null) printHeading(soFar);
    for (const row of soFar.rows.slice(printed ?? 0)) console.log(rowTable(soFar, row));
    printed = soFar.rows.length;
    writeFileSync(`${base}.json`, `${JSON.stringify(soFar, null, 1)}\n`);
  });
  await opened?.close();
  writeFileSync(`${base}.svg`, picture(measured));
  console.log(`\nwritten: ${base}.json and .svg`);
  return measured;
}

/** The columns of a browser. What that takes is loaded only where it is wanted. */
async function openBrowserFor({ columns, chromium }: Options): Promise<FoundColumns & Pick<BenchBrowser, 'close'>> {
  const { openBrowser } = await import('./browser/openBrowser.js');
  const { pageColumns } = await import('./browser/pageColumns.js');
  const browser = await openBrowser(chromium);
  return { columns: pageColumns(browser, columns), skipped: [], close: () => browser.close() };
}

/** Scripts of packages run in the package's folder, wherever they were called: paths are the workspace's. */
function inWorkspace(path: string): string {
  return resolve(fileURLToPath(new URL('../..', import.meta.url)), path);
}

function printHeading({ machine, columns, skippedColumns, settings, flopFormula }: ResultFile): void {
  const { cpu, cores, memoryBytes, system, vectors, loadBefore } = machine;
  console.log(
    `${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${system}${vectors === undefined ? '' : `, ${vectors}`}`,
  );
  console.log(`${settings.rounds} rounds of ${settings.secondsPerSlice} s a column; medians, ratios by rounds`);
  console.log(flopFormula);
  if (loadBefore > 0.5)
    console.log(`The machine was busy at the start: load ${loadBefore.toFixed(1)}. Figures will be low.`);
  for (const { id, facts } of columns) {
    const known = Object.entries(facts.details).filter(([, value]) => value !== 'asked for');
    const details = known.map(([name, value]) => `${name} ${value}`);
    console.log(`  ${id}: ${[facts.runtime, facts.version, ...details].join(', ')}`);
  }
  for (const { id, reason } of skippedColumns) console.log(`  ${id} skipped: ${reason}`);
}

function fileNameOf(date: Date): string {
  const vectors = machineVectors()?.toLowerCase().replace('-', '');
  return [date.toISOString().slice(0, 16).replace('T', '-').replace(':', ''), vectors].filter(Boolean).join('-');
}
