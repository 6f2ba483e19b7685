import { checkOptions } from '@tempograd/core/backend';
import {
  columnTitle,
  leftNote,
  verdictOf,
  type ComparedBackend,
  type ComparedField,
  type ComparedOutcome,
  type Comparison,
} from './compareReports.js';
import { pageOptionsTable, type ComparisonPageOptions, type ReportTable } from './ComparisonPageOptions.js';
import { escape, section } from './markdownParts.js';
import { formatError, formatTime, type Cell } from './rows.js';

/**
 * A comparison as a Markdown page: each backend's verdict, failures first, then the largest errors of each op on each backend.
 * @throws ArgumentError for an unknown option
 */
export function comparisonToMarkdown(comparison: Comparison, page: ComparisonPageOptions = {}): string {
  checkOptions('comparisonToMarkdown', page, pageOptionsTable);
  const { title = 'Conformance of all backends', facts = [], tables = [] } = page;
  const { backends, unchecked, failures, deviations, columns, rows, oracle, seed, conforms } = comparison;
  return [
    `# ${escape(title)}`,
    '',
    `${conforms ? 'Passed' : '**Failed**'}. Oracle ${escape(oracle)}, seed ${seed}.`,
    '',
    ...(facts.length === 0 ? [] : [...facts.map(([name, text]) => `- ${escape(name)}: ${escape(text)}`), '']),
    ...section(
      'Failures',
      failures.map(({ failure }) => `- ${escape(failure ?? '')}`),
    ),
    ...section('Deviations', deviations.map(deviationLine)),
    '## Backends',
    '',
    '| backend | verdict | passed | failed | deviate | fused | time |',
    '|---|---|---|---|---|---|---|',
    ...backends.map(backendLine),
    ...unchecked.map(({ name, status, detail }) => `| ${escape(name)} | ${status}: ${escape(detail)} | | | | | |`),
    '',
    ...tables.flatMap(textTable),
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

function backendLine(backend: ComparedBackend): string {
  const { name, passed, failed, deviates, families, milliseconds } = backend;
  const verdict = verdictOf(backend);
  const shown = `${verdict === 'conforms' ? verdict : `**${verdict}**`}${leftNote(backend)}`;
  return `| ${escape(name)} | ${shown} | ${passed} | ${failed} | ${deviates} | ${families.join(', ') || 'none'} | ${formatTime(milliseconds)} |`;
}

function textTable({ title, note, head, rows }: ReportTable): string[] {
  const line = (texts: readonly string[]): string => `| ${texts.map(escape).join(' | ')} |`;
  return [
    `## ${escape(title)}`,
    '',
    escape(note),
    '',
    line(head),
    `|${head.map(() => '---|').join('')}`,
    ...rows.map(line),
    '',
  ];
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
