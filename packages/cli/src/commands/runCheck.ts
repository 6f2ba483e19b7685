import { createBackend as createReference } from '@tempograd/backend-js';
import { conformanceCases, runConformance, type ConformanceReport, type Selection } from '@tempograd/conformance';
import type { Backend } from '@tempograd/core';
import { installedBackends, openBackend } from '../backends.js';
import { UsageError } from '../Failure.js';
import { requireWritable } from '../model/requireWritable.js';
import { checkProgress } from '../present/checkProgress.js';
import { describeReport } from '../present/describeReport.js';
import { writeJson } from '../present/writeJson.js';
import { reportFormatOf, writeReport } from './checkReport.js';

/** What to check, and how to tell. */
export interface CheckOptions {
  readonly backend?: readonly string[];
  readonly all?: boolean;
  readonly op?: readonly string[];
  readonly seed: number;
  readonly report?: string;
  readonly json?: boolean;
}

/** Checks backends one after another. True when every one passes. */
export async function runCheck(options: CheckOptions): Promise<boolean> {
  if (options.report !== undefined) {
    reportFormatOf(options.report);
    await requireWritable(options.report, '--report');
  }
  requireOps(options.op ?? []);
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

/** @throws UsageError for names of which the suite has no case. */
function requireOps(names: readonly string[]): void {
  const known = [...new Set(conformanceCases.map(({ op }) => op))].sort();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`No case is about ${unknown.join(', ')}. There are cases about ${known.join(', ')}.`);
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
