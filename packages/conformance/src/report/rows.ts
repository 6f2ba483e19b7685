import type { Group } from '../run/Case.js';
import type { CaseOutcome, ConformanceReport } from '../run/ConformanceReport.js';

/** Kinds that have columns of their own. */
export const columns = ['value', 'gradient', 'jvp', 'memory', 'path'] as const;

/** What the columns are headed. */
export const columnTitles: Readonly<Record<(typeof columns)[number], string>> = {
  value: 'value',
  gradient: 'gradient',
  jvp: 'jvp',
  memory: 'memory',
  path: 'path choice',
};

/** An error with its tolerance, why that is the tolerance, and the case it was measured in. */
export interface WorstError {
  readonly error: number;
  readonly tolerance: number;
  readonly reason: string | null;
  readonly name: string;
}

/** All cases of one op and kind, taken together. */
export interface Cell {
  readonly cases: number;
  readonly failed: number;
  readonly deviating: number;
  /** The largest error in relation to its tolerance; null when no case compares numbers. */
  readonly worst: WorstError | null;
}

/** One op in one dtype. */
export interface Row {
  readonly op: string;
  /** The group of its first case. */
  readonly group: Group;
  readonly dtype: 'f32' | 'f64';
  readonly cells: Readonly<Partial<Record<(typeof columns)[number], Cell>>>;
  /** `fused`, `composed`, both, or empty for ops that have one path. */
  readonly path: string;
  readonly milliseconds: number;
}

/** A report's outcomes by op and dtype, in the order in which ops first appear. */
export function rowsOf({ outcomes }: ConformanceReport): Row[] {
  const groups = new Map<string, CaseOutcome[]>();
  for (const outcome of outcomes) {
    const key = `${outcome.dtype} ${outcome.op}`;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [outcome]);
    else members.push(outcome);
  }
  return [...groups.values()].map((members) => {
    const [{ op, group, dtype }] = members as [CaseOutcome, ...CaseOutcome[]];
    const cells = Object.fromEntries(
      columns.flatMap((kind) => {
        const own = members.filter((member) => member.kind === kind);
        return own.length === 0 ? [] : [[kind, cellOf(own)]];
      }),
    );
    const path = [
      ...new Set(members.filter(({ kind }) => kind === 'value' || kind === 'gradient').flatMap(({ paths }) => paths)),
    ]
      .sort()
      .join(', ');
    return {
      op,
      group,
      dtype,
      cells,
      path,
      milliseconds: members.reduce((sum, member) => sum + member.milliseconds, 0),
    };
  });
}

/** How many cases passed, failed and deviate. */
export function countsOf({ outcomes }: ConformanceReport): { passed: number; failed: number; deviates: number } {
  const count = (status: CaseOutcome['status']): number =>
    outcomes.filter((outcome) => outcome.status === status).length;
  return { passed: count('passed'), failed: count('failed'), deviates: count('deviates') };
}

function cellOf(members: readonly CaseOutcome[]): Cell {
  const measured = members.filter(({ error, tolerance }) => Number.isFinite(error) && tolerance > 0);
  return {
    cases: members.length,
    failed: members.filter(({ status }) => status === 'failed').length,
    deviating: members.filter(({ status }) => status === 'deviates').length,
    worst: closest(measured.map(({ error, tolerance, reason, name }) => ({ error, tolerance, reason, name }))),
  };
}

/** Of several errors the one that comes closest to its tolerance. */
export function closest(errors: readonly (WorstError | null)[]): WorstError | null {
  const share = ({ error, tolerance }: WorstError): number => error / tolerance;
  return errors.reduce(
    (most, each) => (most === null || (each !== null && share(each) > share(most)) ? each : most),
    null,
  );
}

/** An error as people read it: `3.1e-7`, or `0`. */
export function formatError(error: number): string {
  return error === 0 ? '0' : error.toExponential(1);
}

/** A time as people read it. */
export function formatTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
