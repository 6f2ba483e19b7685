import { createBackend as createReference } from '@tempograd/backend-js';
import { conformanceCases, runConformance, type ConformanceReport } from '@tempograd/conformance';
import { compareReports, type UncheckedBackend } from '@tempograd/conformance/report';
import type { Backend } from '@tempograd/core';
import {
  NotAvailable,
  NotInstalled,
  reasonOf,
  start,
  type BackendEntry,
  type StartedBackend,
} from '../backends/BackendEntry.js';
import { knownBackends } from '../backends/knownBackends.js';
import { entryOf, openBackend } from '../backends/openBackend.js';
import { exitCodes, UsageError } from '../Failure.js';
import { listenForInterrupt, type Interrupt } from '../interrupt.js';
import { requireWritable } from '../model/requireWritable.js';
import { checkJson } from '../present/checkJson.js';
import { checkTerminal } from '../present/checkTerminal.js';
import type { CheckView } from '../present/CheckView.js';
import { reportFormatOf, writeComparison, writeReport } from './checkReport.js';

/** What to check, and how to tell. */
export interface CheckOptions {
  readonly backend?: readonly string[];
  readonly all?: boolean;
  readonly op?: readonly string[];
  readonly seed: number;
  readonly report?: string;
  readonly json?: boolean;
}

/** Checks a backend, or several and compares them. Gives the exit code: 0 when every one passes. */
export async function runCheck(options: CheckOptions): Promise<number> {
  if (options.report !== undefined) {
    reportFormatOf(options.report);
    await requireWritable(options.report, '--report');
  }
  requireOps(options.op ?? []);
  const entries = await entriesOf(options);
  const view = options.json === true ? checkJson() : checkTerminal();
  const interrupt = listenForInterrupt({ onFirst: () => view.stopping(), onSecond: () => view.close() });
  const run: Run = { options, view, interrupt };
  try {
    return entries === null ? await checkAlone(run) : await checkSeveral(entries, run);
  } finally {
    view.close();
    interrupt.release();
  }
}

interface Run {
  readonly options: CheckOptions;
  readonly view: CheckView;
  readonly interrupt: Interrupt;
}

/** @throws UsageError for names of which the suite has no case. */
function requireOps(names: readonly string[]): void {
  const known = [...new Set(conformanceCases.map(({ op }) => op))].sort();
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`No case is about ${unknown.join(', ')}. There are cases about ${known.join(', ')}.`);
}

/** The backends to compare; null for one alone. */
async function entriesOf({ backend = [], all }: CheckOptions): Promise<readonly BackendEntry[] | null> {
  if (all === true && backend.length > 0) throw new UsageError('Give --backend or --all, not both.');
  if (all === true) return knownBackends;
  return backend.length > 1 ? Promise.all([...new Set(backend)].map(entryOf)) : null;
}

async function checkAlone(run: Run): Promise<number> {
  const { options, view, interrupt } = run;
  const report = await checkOne(await openBackend(options.backend?.[0]), null, run);
  if (report === null) {
    view.stopped();
    return interrupt.exitCode ?? exitCodes.interrupted;
  }
  view.report(report);
  if (options.report !== undefined) view.written(await writeReport(options.report, report, false));
  return report.outcomes.some(({ status }) => status === 'failed') ? exitCodes.failure : exitCodes.ok;
}

async function checkSeveral(entries: readonly BackendEntry[], run: Run): Promise<number> {
  const { options, view, interrupt } = run;
  const reports: ConformanceReport[] = [];
  const unchecked: UncheckedBackend[] = [];
  const stopped = (name: string): void => {
    unchecked.push({ name, status: 'stopped', detail: 'not checked to its end' });
  };
  for (const [index, entry] of entries.entries()) {
    if (interrupt.signal.aborted) {
      stopped(entry.name);
      continue;
    }
    const started = await startOrSay(entry, unchecked);
    if (started === null) continue;
    const report = await checkOne(started, `${index + 1} of ${entries.length}`, run);
    if (report === null) stopped(entry.name);
    else {
      reports.push(report);
      view.oneOfSeveral(report);
    }
  }
  const comparison = compareReports(reports, unchecked);
  view.comparison(comparison);
  if (options.report !== undefined) {
    for (const report of reports) view.written(await writeReport(options.report, report, true));
    view.written(await writeComparison(options.report, comparison));
  }
  return interrupt.exitCode ?? (comparison.conforms ? exitCodes.ok : exitCodes.failure);
}

/** Starts a backend; one that does not start is noted, and null. */
async function startOrSay(entry: BackendEntry, unchecked: UncheckedBackend[]): Promise<StartedBackend | null> {
  try {
    return await start(entry);
  } catch (error) {
    unchecked.push({
      name: entry.name,
      status: statusOf(error),
      detail: reasonOf(error).replace(/^(is not installed|does not start): /, ''),
    });
    return null;
  }
}

function statusOf(error: unknown): UncheckedBackend['status'] {
  if (error instanceof NotInstalled) return 'not installed';
  return error instanceof NotAvailable ? 'not available' : 'does not start';
}

/** Runs the suite; null when it was stopped. The backend is disposed of. */
async function checkOne(
  { backend, deviations }: StartedBackend,
  place: string | null,
  { options: { op, seed }, view, interrupt: { signal } }: Run,
): Promise<ConformanceReport | null> {
  const oracle = createReference() as Backend;
  try {
    return await runConformance({
      backend,
      oracle,
      seed,
      only: op === undefined ? {} : { ops: op },
      deviations,
      signal,
      onCase: (outcome, done, total) => view.progress({ name: backend.name, place, outcome, done, total }),
    });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  } finally {
    view.endProgress();
    oracle.dispose?.();
    backend.dispose?.();
  }
}
