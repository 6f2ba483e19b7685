import { columnTitle, type ComparedField, type ComparedOutcome, type Comparison } from './compareReports.js';
import { escape, section } from './markdownParts.js';
import { formatError, formatTime, type Cell } from './rows.js';

/** A comparison as a Markdown page: each backend's verdict, failures first, then the largest errors of each op on each backend. */
export function comparisonToMarkdown(comparison: Comparison): string {
  const { backends, unchecked, failures, deviations, columns, rows, oracle, seed, conforms } = comparison;
  return [
    '# Conformance of all backends',
    '',
    `${conforms ? 'Passed' : '**Failed**'}. Oracle ${escape(oracle)}, seed ${seed}.`,
    '',
    ...section(
      'Failures',
      failures.map(({ failure }) => `- ${escape(failure ?? '')}`),
    ),
    ...section('Deviations', deviations.map(deviationLine)),
    '## Backends',
    '',
    '| backend | verdict | passed | failed | deviate | fused | time |',
    '|---|---|---|---|---|---|---|',
    ...backends.map(
      ({ name, passed, failed, deviates, families, milliseconds }) =>
        `| ${escape(name)} | ${failed === 0 ? 'conforms' : '**does not conform**'} | ${passed} | ${failed} | ${deviates} | ${families.join(', ') || 'none'} | ${formatTime(milliseconds)} |`,
    ),
    ...unchecked.map(({ name, status, detail }) => `| ${escape(name)} | ${status}: ${escape(detail)} | | | | | |`),
    '',
    '## Largest errors',
    '',
    'Of values / of gradients, each the one that comes closest to its tolerance; `exact` where nothing may be off; then the path taken.',
    '',
    `| op | ${columns.map((column) => escape(columnTitle(column))).join(' | ')} |`,
    `|---|${columns.map(() => '---').join('|')}|`,
    ...rows.map(({ op, fields }) => `| ${escape(op)} | ${fields.map(formatField).join(' | ')} |`),
    '',
  ].join('\n');
}

function deviationLine({ name, dtype, backend, deviation }: ComparedOutcome): string {
  return `- ${escape(name)} (${dtype}) on ${escape(backend)}: ${escape(deviation ?? '')}`;
}

function formatField(field: ComparedField | null): string {
  if (field === null) return '';
  const { value, gradient, path, failed, deviating } = field;
  const errors = value === null && gradient === null ? '' : `${formatCell(value)} / ${formatCell(gradient)}`;
  const notes = [path, failed > 0 ? `**${failed} failed**` : '', deviating > 0 ? `${deviating} deviating` : ''].filter(
    (note) => note !== '',
  );
  return [errors, notes.join(', ')].filter((part) => part !== '').join(' ');
}

function formatCell(cell: Cell | null): string {
  if (cell === null) return '–';
  if (cell.failed > 0) return '**✗**';
  return cell.worst === null ? 'exact' : formatError(cell.worst.error);
}
