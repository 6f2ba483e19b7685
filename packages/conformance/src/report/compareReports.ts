import type { BackendInfo, FloatDType, FusedFamily } from '@tempograd/core/backend';
import type { CaseOutcome, ConformanceReport } from '../run/ConformanceReport.js';
import { countsOf, rowsOf, type Cell } from './rows.js';

/** A backend that was looked for and not checked, and why. */
export interface UncheckedBackend {
  readonly name: string;
  readonly status: 'not installed' | 'does not start' | 'stopped';
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
  /** `fused`, `composed`, both, or empty for ops that have one path. */
  readonly path: string;
  /** Of all kinds, also jvp, memory and the choice of a path. */
  readonly failed: number;
  readonly deviating: number;
}

/** Reports of several backends beside each other: a table op × backend, failures of all. */
export interface Comparison {
  readonly oracle: string;
  readonly seed: number;
  /** Whether every backend that is installed, and one at least, was checked to its end and passed. */
  readonly conforms: boolean;
  readonly backends: readonly ComparedBackend[];
  readonly unchecked: readonly UncheckedBackend[];
  readonly failures: readonly ComparedOutcome[];
  readonly deviations: readonly ComparedOutcome[];
  /** What the fields of a row stand for: each backend in f32, then those that have f64. */
  readonly columns: readonly { readonly backend: string; readonly dtype: FloatDType }[];
  /** Fields in the order of the columns; null where a backend has no case of the op. */
  readonly rows: readonly { readonly op: string; readonly fields: readonly (ComparedField | null)[] }[];
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
  const ops = [...new Set(tables.flatMap(({ rows }) => rows.map(({ op }) => op)))];
  const failures = outcomesOf(reports, 'failed');
  return {
    oracle: [...new Set(reports.map(({ oracle }) => oracle))].join(', '),
    seed: reports[0]?.seed ?? 1,
    conforms:
      reports.length > 0 && failures.length === 0 && unchecked.every(({ status }) => status === 'not installed'),
    backends: reports.map((report) => ({
      ...report.backend,
      ...countsOf(report),
      milliseconds: report.milliseconds,
    })),
    unchecked,
    failures,
    deviations: outcomesOf(reports, 'deviates'),
    columns: columns.map(({ backend, dtype }) => ({ backend, dtype })),
    rows: ops.map((op) => ({
      op,
      fields: columns.map(({ dtype, rows }) => {
        const row = rows.find((each) => each.op === op && each.dtype === dtype);
        if (row === undefined) return null;
        const { value = null, gradient = null } = row.cells;
        const cells = Object.values(row.cells);
        const total = (of: 'failed' | 'deviating'): number => cells.reduce((sum, cell) => sum + cell[of], 0);
        return { value, gradient, path: row.path, failed: total('failed'), deviating: total('deviating') };
      }),
    })),
  };
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
