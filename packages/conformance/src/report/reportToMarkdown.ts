import type { ConformanceReport } from '../run/ConformanceReport.js';
import { escape, section } from './markdownParts.js';
import { columns, columnTitles, countsOf, formatError, formatTime, rowsOf, type Cell } from './rows.js';

/** The report as a Markdown page: what was tested, failures first, then the largest error of each op against its tolerance. */
export function reportToMarkdown(report: ConformanceReport): string {
  const { backend, oracle, seed, milliseconds, planned, lost, outcomes } = report;
  const left = planned - outcomes.length;
  const { passed, failed, deviates } = countsOf(report);
  const failures = outcomes.filter(({ status }) => status === 'failed');
  const deviations = outcomes.filter(({ status }) => status === 'deviates');
  const info = Object.entries(backend.info)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
  const lines = [
    `# Conformance of ${backend.name}`,
    '',
    `${failed > 0 ? '**Failed**' : left > 0 ? '**Not finished**' : 'Passed'}: ${passed} cases passed, ${failed} failed, ${deviates} deviate on purpose${left > 0 ? `, ${left} not run` : ''}. ` +
      `Oracle ${oracle}, seed ${seed}, ${formatTime(milliseconds)}.`,
    '',
    ...(lost === null ? [] : [`The run ended before: the backend answered no more. ${escape(lost)}`, '']),
    `Backend: ${info || 'nothing said of itself'}. Fused: ${backend.families.join(', ') || 'none'}.`,
    '',
    ...section(
      'Failures',
      failures.map(({ failure }) => `- ${escape(failure ?? '')}`),
    ),
    ...section(
      'Deviations',
      deviations.map(({ name, dtype, deviation }) => `- ${escape(name)} (${dtype}): ${escape(deviation ?? '')}`),
    ),
    '## Largest errors',
    '',
    'Error / tolerance of the case that comes closest to its tolerance; `exact` where nothing may be off; the number of cases in brackets.',
    '',
    `| op | dtype | ${columns.map((kind) => columnTitles[kind]).join(' | ')} | path taken | time |`,
    `|---|---|${columns.map(() => '---').join('|')}|---|---|`,
    ...rowsOf(report).map(
      ({ op, dtype, cells, path, milliseconds: time }) =>
        `| ${escape(op)} | ${dtype} | ${columns.map((kind) => formatCell(cells[kind])).join(' | ')} | ${path} | ${formatTime(time)} |`,
    ),
    '',
  ];
  return lines.join('\n');
}

function formatCell(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  const count = `(${cell.cases})`;
  if (cell.failed > 0) return `**${cell.failed} failed** ${count}`;
  if (cell.worst === null) return `exact ${count}`;
  return `${formatError(cell.worst.error)} / ${formatError(cell.worst.tolerance)} ${count}`;
}
