import type { BackendInfo, FloatDType, FusedFamily } from '@tempograd/core/backend';
import type { Group } from '../run/Case.js';
import type { CaseOutcome, ConformanceReport } from '../run/ConformanceReport.js';
import { closest, countsOf, rowsOf, type Cell, type Row, type WorstError } from './rows.js';

/** A backend that was looked for and not checked, and why. */
export interface UncheckedBackend {
  readonly name: string;
  readonly status: 'not installed' | 'not available' | 'does not start' | 'stopped';
  /** What to do about it, or what was wrong: words for people. */
  readonly detail: string;
}

/** A backend that was checked. */
export interface ComparedBackend {
  readonly name: string;
  readonly info: BackendInfo;
  readonly families: readonly FusedFamily[];
  readonly passed: number;
  readonly failed: number;
  readonly deviates: number;
  /** Cases that were chosen and not run, because the run ended before. */
  readonly left: number;
  readonly milliseconds: number;
}

/** A case of one of the backends. */
export interface ComparedOutcome extends CaseOutcome {
  readonly backend: string;
}

/** What one op came to on one backend in one dtype. */
export interface ComparedField {
  readonly value: Cell | null;
  readonly gradient: Cell | null;
  /** Of all kinds, the error that comes closest to its tolerance. */
  readonly worst: WorstError | null;
  /** How many cases ran, of all kinds, also jvp, memory and the choice of a path; and of these: */
  readonly cases: number;
  /** `fused`, `composed`, both, or empty for ops that have one path. */
  readonly path: string;
  readonly failed: number;
  readonly deviating: number;
}

/** Reports of several backends beside each other: a table op × backend, failures of all. */
export interface Comparison {
  readonly oracle: string;
  readonly seed: number;
  /** Whether every backend that is installed and available, and one at least, was checked to its end and passed. */
  readonly conforms: boolean;
  readonly backends: readonly ComparedBackend[];
  readonly unchecked: readonly UncheckedBackend[];
  readonly failures: readonly ComparedOutcome[];
  readonly deviations: readonly ComparedOutcome[];
  /** What the fields of a row stand for: each backend in f32, then those that have f64. */
  readonly columns: readonly { readonly backend: string; readonly dtype: FloatDType }[];
  /** Fields in the order of the columns; null where a backend has no case of the op. */
  readonly rows: readonly {
    readonly op: string;
    /** The group of its first case. */
    readonly group: Group;
    readonly fields: readonly (ComparedField | null)[];
  }[];
}

/** Puts the reports of several backends beside each other, and those beside it that could not be had. */
export function compareReports(
  reports: readonly ConformanceReport[],
  unchecked: readonly UncheckedBackend[] = [],
): Comparison {
  const tables = reports.map((report) => ({ name: report.backend.name, rows: rowsOf(report) }));
  const columns = (['f32', 'f64'] as const).flatMap((dtype) =>
    tables.flatMap(({ name, rows }) => (rows.some((row) => row.dtype === dtype) ? { backend: name, dtype, rows } : [])),
  );
  const rows = tables.flatMap((table) => table.rows);
  const ops = [...new Set(rows.map(({ op }) => op))];
  const failures = outcomesOf(reports, 'failed');
  return {
    oracle: [...new Set(reports.map(({ oracle }) => oracle))].join(', '),
    seed: reports[0]?.seed ?? 1,
    conforms:
      reports.length > 0 &&
      failures.length === 0 &&
      reports.every((report) => leftOf(report) === 0) &&
      unchecked.every(({ status }) => status === 'not installed' || status === 'not available'),
    backends: reports.map((report) => ({
      ...report.backend,
      ...countsOf(report),
      left: leftOf(report),
      milliseconds: report.milliseconds,
    })),
    unchecked,
    failures,
    deviations: outcomesOf(reports, 'deviates'),
    columns: columns.map(({ backend, dtype }) => ({ backend, dtype })),
    rows: ops.map((op) => ({
      op,
      group: (rows.find((row) => row.op === op) as Row).group,
      fields: columns.map(({ dtype, rows: own }) => {
        const row = own.find((each) => each.op === op && each.dtype === dtype);
        if (row === undefined) return null;
        const { value = null, gradient = null } = row.cells;
        const cells = Object.values(row.cells);
        const total = (of: 'cases' | 'failed' | 'deviating'): number => cells.reduce((sum, cell) => sum + cell[of], 0);
        return {
          value,
          gradient,
          worst: closest(cells.map(({ worst }) => worst)),
          path: row.path,
          cases: total('cases'),
          failed: total('failed'),
          deviating: total('deviating'),
        };
      }),
    })),
  };
}

function leftOf({ planned, outcomes }: ConformanceReport): number {
  return planned - outcomes.length;
}

/** What a backend came to, in words. */
export function verdictOf({ failed, left }: ComparedBackend): 'conforms' | 'does not conform' | 'not finished' {
  return failed > 0 ? 'does not conform' : left > 0 ? 'not finished' : 'conforms';
}

/** How many cases did not run, to follow the verdict; empty where none are left. */
export function leftNote({ left }: ComparedBackend): string {
  return left === 0 ? '' : `, ${left} ${left === 1 ? 'case' : 'cases'} not run`;
}

function outcomesOf(reports: readonly ConformanceReport[], status: CaseOutcome['status']): ComparedOutcome[] {
  return reports.flatMap(({ backend, outcomes }) =>
    outcomes.filter((outcome) => outcome.status === status).map((outcome) => ({ ...outcome, backend: backend.name })),
  );
}

/** What a column of a comparison is headed: f32 goes without saying. */
export function columnTitle({ backend, dtype }: Comparison['columns'][number]): string {
  return dtype === 'f32' ? backend : `${backend} ${dtype}`;
}
