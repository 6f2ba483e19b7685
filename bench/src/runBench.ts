import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, freemem, loadavg, release, totalmem, type } from 'node:os';
import type { Column, FoundColumns, SkippedColumn } from './columns/Column.js';
import { bytesPerStep, flopFormula } from './grid/cost.js';
import { rowId, type Row } from './grid/Row.js';
import { machineVectors } from './measure/machineVectors.js';
import { measureRow, type MeasureSettings, type Runner } from './measure/measureRow.js';
import type { ColumnResult, Machine, ResultFile, RowResult } from './report/ResultFile.js';

/** What to run. */
export interface BenchPlan extends FoundColumns {
  readonly rows: readonly Row[];
  readonly settings: MeasureSettings;
}

/** Starts a worker for every column, runs all rows, and tells of each result as soon as there is one. */
export async function runBench(plan: BenchPlan, tell: (soFar: ResultFile) => void): Promise<ResultFile> {
  const loadBefore = loadavg()[0] as number;
  const skipped: SkippedColumn[] = [...plan.skipped];
  const runners: Runner[] = [];
  const columns: ColumnResult[] = [];
  try {
    for (const column of plan.columns) {
      try {
        const runner = await startRunner(column);
        runners.push(runner);
        columns.push({ id: column.id, kind: column.kind, fullStep: column.fullStep, facts: runner.worker.facts });
      } catch (error) {
        skipped.push({ id: column.id, reason: (error as Error).message });
      }
    }
    const rows: RowResult[] = [];
    const soFar = (): ResultFile => ({
      format: 'tempograd-bench',
      version: 1,
      date: new Date().toISOString(),
      commit: currentCommit(),
      machine: { ...machine(), loadBefore, loadAfter: loadavg()[0] as number },
      settings: {
        secondsPerSlice: plan.settings.secondsPerSlice,
        rounds: plan.settings.rounds,
        stepLimitSeconds: plan.settings.stepLimitSeconds,
      },
      flopFormula,
      columns,
      skippedColumns: skipped,
      rows,
    });
    tell(soFar());
    for (const row of plan.rows) {
      const needed = bytesPerStep(row) * runners.length;
      if (needed > freemem() * 0.8) {
        console.log(`\n${rowId(row)} left out: ${runners.length} workers would need about ${gib(needed)} together`);
        continue;
      }
      rows.push(await measureRow(row, runners, plan.settings));
      tell(soFar());
    }
    return soFar();
  } finally {
    for (const { worker } of runners) worker.end();
  }
}

async function startRunner(column: Column): Promise<Runner> {
  const runner: Runner = {
    column,
    worker: await column.start(),
    speed: null,
    tooLong: null,
    async restart() {
      runner.worker = await column.start();
    },
  };
  return runner;
}

function machine(): Omit<Machine, 'loadBefore' | 'loadAfter'> {
  const vectors = machineVectors();
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    ...(vectors === null ? {} : { vectors }),
  };
}

function currentCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
