import type { CaseOutcome, ConformanceReport } from '@tempograd/conformance';
import { bold, count, counted, dim, duration, green, red, terminalWidth, wrap } from './format.js';

/** Failures that are told in full; a report file has all. */
export const shownFailures = 10;

/** The result of the conformance suite as a table of its groups, failures below it. */
export function describeReport(report: ConformanceReport): string {
  const { backend, outcomes, milliseconds, oracle, seed, planned, lost } = report;
  const failures = outcomes.filter(({ status }) => status === 'failed');
  const about = Object.entries(backend.info).map(([name, value]) => `${name} ${value}`);
  const verdict =
    failures.length === 0
      ? green(bold(`${backend.name} conforms`))
      : red(bold(`${backend.name} does not conform: ${counted(failures.length, 'case')} failed`));
  return [
    tableOf([['group', 'cases', 'failed', 'largest error', 'of its tolerance', 'path'], ...groupRows(outcomes)]),
    '',
    ...describeFailures(failures),
    ...(lost === null
      ? []
      : wrap(
          `${counted(planned - outcomes.length, 'case')} not run: the backend answered no more. ${lost}`,
          terminalWidth(),
        ).map(red)),
    `${verdict}${dim(` · ${counted(outcomes.length, 'case')} against ${oracle} in ${duration(milliseconds / 1000)}, seed ${seed}`)}`,
    ...(about.length === 0 ? [] : wrap(about.join(', '), terminalWidth()).map(dim)),
    '',
  ].join('\n');
}

function groupRows(outcomes: readonly CaseOutcome[]): string[][] {
  const groups = [...new Set(outcomes.map(({ group }) => group))];
  return groups.map((group) => {
    const cases = outcomes.filter((outcome) => outcome.group === group);
    const failed = cases.filter(({ status }) => status === 'failed').length;
    const worst = cases
      .filter(({ tolerance, error }) => tolerance > 0 && error >= 0)
      .reduce<CaseOutcome | null>((most, each) => (most === null || shareOf(each) > shareOf(most) ? each : most), null);
    return [
      group,
      count(cases.length),
      failed === 0 ? '' : count(failed),
      worst === null ? (failed === 0 ? 'exact' : '') : worst.error === 0 ? '0' : worst.error.toExponential(1),
      worst === null ? '' : `${(100 * shareOf(worst)).toFixed(0)}%`,
      [...new Set(cases.flatMap(({ paths }) => paths))].sort().join(', '),
    ];
  });
}

function shareOf({ error, tolerance }: CaseOutcome): number {
  return error / tolerance;
}

/** The first failures in full, and how many more there are. */
export function describeFailures(failures: readonly CaseOutcome[], shown: number = shownFailures): string[] {
  const told = failures
    .slice(0, shown)
    .flatMap(({ failure }) => wrap(`✗ ${failure ?? ''}`, terminalWidth() - 2).map((line) => red(`  ${line}`)));
  const rest = failures.length - shown;
  return failures.length === 0
    ? []
    : [...told, ...(rest > 0 ? [`  … and ${rest} more: --report FILE has them all`] : []), ''];
}

/** Columns as wide as they must be; the first to the left, numbers to the right, the last to the left. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 || column === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      });
      const line = cells.join('  ').trimEnd();
      if (index === 0) return dim(line);
      return row[2] === '' ? line : red(line);
    })
    .join('\n');
}
