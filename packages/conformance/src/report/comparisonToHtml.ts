import { checkOptions } from '@tempograd/core/backend';
import {
  columnTitle,
  leftNote,
  verdictOf,
  type ComparedField,
  type ComparedOutcome,
  type Comparison,
} from './compareReports.js';
import { pageOptionsTable, type ComparisonPageOptions, type ReportTable } from './ComparisonPageOptions.js';
import { escape, headed, htmlPage, pairs, scale, shade } from './htmlParts.js';
import { formatError, formatTime, type Cell } from './rows.js';

/**
 * A comparison as one page of HTML that needs nothing else, coloured by how much of its tolerance each error uses.
 * @throws ArgumentError for an unknown option
 */
export function comparisonToHtml(comparison: Comparison, page: ComparisonPageOptions = {}): string {
  checkOptions('comparisonToHtml', page, pageOptionsTable);
  const { title, facts = [], tables = [] } = page;
  const { conforms, failures, deviations, oracle, seed } = comparison;
  const verdict = conforms ? 'All backends conform' : 'Not all backends conform';
  return htmlPage(
    title ?? verdict,
    `<header>
<p class="suite">${escape(title ?? 'tempograd conformance')}</p>
<h1><span class="${conforms ? 'good' : 'bad'}">${conforms ? '✓' : '✗'}</span> ${verdict}</h1>
<p>Checked against ${escape(oracle)}, seed ${seed}.</p>
${facts.length === 0 ? '' : `<dl>\n${pairs(facts)}\n</dl>`}
</header>
${list('Failures', 'failures', failures, ({ name, failure }) => headed(name, failure ?? ''))}
${list('Deviations', 'deviations', deviations, deviationItem)}
${backendTable(comparison)}
${tables.map(textTable).join('\n')}
${errorTable(comparison)}`,
  );
}

function deviationItem({ name, dtype, backend, deviation }: ComparedOutcome): string {
  return `<b>${escape(name)}</b> (${dtype}) on ${escape(backend)}: ${escape(deviation ?? '')}`;
}

function list(
  title: string,
  kind: string,
  outcomes: readonly ComparedOutcome[],
  item: (outcome: ComparedOutcome) => string,
): string {
  if (outcomes.length === 0) return '';
  const items = outcomes.map((outcome) => `<li>${item(outcome)}</li>`);
  return `<section class="${kind}"><h2>${title}</h2><ol>${items.join('\n')}</ol></section>`;
}

function backendTable({ backends, unchecked }: Comparison): string {
  const checked = backends.map((backend) => {
    const { name, passed, failed, deviates, families, milliseconds } = backend;
    const verdict = verdictOf(backend);
    return `<tr><th>${escape(name)}</th><td class="${classes[verdict]}">${verdict}${leftNote(backend)}</td><td class="number">${passed}</td><td class="number">${failed}</td><td class="number">${deviates}</td><td class="families">${families.join(', ') || 'none'}</td><td class="number">${formatTime(milliseconds)}</td></tr>`;
  });
  const others = unchecked.map(
    ({ name, status, detail }) =>
      `<tr><th>${escape(name)}</th><td class="${status === 'does not start' ? 'bad' : ''}">${status}</td><td colspan="5">${escape(detail)}</td></tr>`,
  );
  return `<section><h2>Backends</h2><div class="wide"><table>
<thead><tr><th>backend</th><th>verdict</th><th class="number">passed</th><th class="number">failed</th><th class="number">deviate</th><th>fused</th><th class="number">time</th></tr></thead>
<tbody>
${[...checked, ...others].join('\n')}
</tbody></table></div></section>`;
}

const classes = { conforms: 'good', 'does not conform': 'bad', 'not finished': '' } as const;

function textTable({ title, note, head, rows }: ReportTable): string {
  return `<section><h2>${escape(title)}</h2>
<p>${escape(note)}</p>
<div class="wide"><table>
<thead><tr>${head.map((text) => `<th>${escape(text)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(([first = '', ...rest]) => `<tr><th>${escape(first)}</th>${rest.map((text) => `<td>${escape(text)}</td>`).join('')}</tr>`).join('\n')}
</tbody></table></div></section>`;
}

function errorTable({ columns, rows }: Comparison): string {
  const titles = columns.map((column) => `<th colspan="3" class="group">${escape(columnTitle(column))}</th>`);
  const heads = columns.map(() => '<th class="group">value</th><th>gradient</th><th>path</th>');
  return `<section><h2>Largest errors</h2>
<p>Each field shows the error that comes closest to its tolerance, coloured by the share of the tolerance it uses.</p>
${scale}
<div class="wide"><table>
<thead><tr><th rowspan="2">op</th>${titles.join('')}</tr><tr>${heads.join('')}</tr></thead>
<tbody>
${rows.map(({ op, fields }) => `<tr><th>${escape(op)}</th>${fields.map(threeOf).join('')}</tr>`).join('\n')}
</tbody></table></div></section>`;
}

function threeOf(field: ComparedField | null): string {
  if (field === null) return '<td class="group" colspan="3"></td>';
  const { value, gradient, path, failed, deviating } = field;
  const elsewhere = failed - (value?.failed ?? 0) - (gradient?.failed ?? 0);
  const notes = [elsewhere > 0 ? `${elsewhere} failed` : '', deviating > 0 ? `${deviating} deviating` : ''];
  const words = [path, ...notes].filter((note) => note !== '').join(', ');
  return `${errorOf(value, 'group')}${errorOf(gradient, '')}<td class="${elsewhere > 0 ? 'failed' : 'path'}">${words}</td>`;
}

function errorOf(cell: Cell | null, kind: string): string {
  if (cell === null) return `<td class="${kind}"></td>`;
  if (cell.failed > 0) return `<td class="${kind} failed">${cell.failed} failed</td>`;
  if (cell.worst === null) return `<td class="${kind} s0">exact</td>`;
  const title = `of ${formatError(cell.worst.tolerance)}, ${cell.cases} cases`;
  return `<td class="${kind} ${shade(cell.worst)}" title="${title}">${formatError(cell.worst.error)}</td>`;
}
