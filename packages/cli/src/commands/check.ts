import { createBackend as createReference } from '@tempograd/backend-js';
import type { Backend } from '@tempograd/core';
import { runConformance, type ConformanceReport, type Selection } from '@tempograd/conformance';
import { Command } from 'commander';
import { installedBackends, openBackend } from '../backends.js';
import { exitCodes, UsageError } from '../Failure.js';
import { checkProgress } from '../present/checkProgress.js';
import { describeReport } from '../present/describeReport.js';
import { writeJson } from '../present/writeJson.js';
import { requireWritable } from '../model/requireWritable.js';
import { reportFormatOf, writeReport } from './checkReport.js';
import { whole } from './options.js';

interface CheckOptions {
  readonly backend?: readonly string[];
  readonly all?: boolean;
  readonly op?: readonly string[];
  readonly seed: number;
  readonly report?: string;
  readonly json?: boolean;
}

/** `tempograd check`: the conformance suite on this machine. `finish` is told the exit code. */
export function checkCommand(finish: (exitCode: number) => void): Command {
  return new Command('check')
    .description('Prove on this machine that a backend computes values and gradients right: run the conformance suite.')
    .option(
      '-b, --backend <name...>',
      'backends to check; a module of your own as ./its-path.js (default: the fastest)',
    )
    .option('-a, --all', 'check every backend installed')
    .option('--op <name...>', 'only the cases of these ops, cells or strategies')
    .option('-s, --seed <n>', 'seed of all random numbers', whole(0), 1)
    .option('-r, --report <file>', 'write a report as .html, .md or .json; of several backends, one file each')
    .option('--json', 'print the reports as JSON, one line for each backend')
    .action(async (options: CheckOptions) => {
      finish((await check(options)) ? exitCodes.ok : exitCodes.failure);
    });
}

/** True when every backend passes. */
async function check(options: CheckOptions): Promise<boolean> {
  if (options.report !== undefined) {
    reportFormatOf(options.report);
    await requireWritable(options.report, '--report');
  }
  const names = await namesOf(options);
  let conform = true;
  for (const name of names) {
    const report = await checkOne(name, options);
    conform &&= report.outcomes.every(({ status }) => status !== 'failed');
    if (options.json === true) writeJson(report);
    else console.log(describeReport(report));
    if (options.report === undefined) continue;
    const file = await writeReport(options.report, report, names.length > 1);
    if (options.json !== true) console.log(`Report: ${file}\n`);
  }
  return conform;
}

async function namesOf({ backend, all }: CheckOptions): Promise<readonly (string | undefined)[]> {
  if (all === true && backend !== undefined) throw new UsageError('Give --backend or --all, not both.');
  return all === true ? installedBackends() : (backend ?? [undefined]);
}

async function checkOne(name: string | undefined, { op, seed, json }: CheckOptions): Promise<ConformanceReport> {
  const { backend } = await openBackend(name);
  const oracle = createReference() as Backend;
  const progress = json === true ? null : checkProgress(backend.name);
  const only: Selection = op === undefined ? {} : { ops: op };
  try {
    return await runConformance({
      backend,
      oracle,
      seed,
      only,
      onCase: (outcome, done, total) => progress?.update(outcome, done, total),
    });
  } finally {
    progress?.stop();
    oracle.dispose?.();
    backend.dispose?.();
  }
}
