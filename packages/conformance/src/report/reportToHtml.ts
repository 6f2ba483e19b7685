import type { CaseOutcome, ConformanceReport } from '../run/ConformanceReport.js';
import { escape, headed, htmlPage, pairs, scale, shade } from './htmlParts.js';
import { columns, columnTitles, countsOf, formatError, formatTime, rowsOf, type Cell, type Row } from './rows.js';

/** The report as one page of HTML that needs nothing else: a table coloured by how much of its tolerance each error uses. */
export function reportToHtml(report: ConformanceReport): string {
  const { backend, oracle, seed, milliseconds, planned, lost, outcomes } = report;
  const { passed, failed, deviates } = countsOf(report);
  const rows = rowsOf(report);
  const dtypes = (['f32', 'f64'] as const).filter((dtype) => rows.some((row) => row.dtype === dtype));
  const verdict = failed > 0 ? 'does not conform' : outcomes.length < planned ? 'is not finished' : 'conforms';
  return htmlPage(
    `${backend.name} ${verdict}`,
    `<header>
<p class="suite">tempograd conformance</p>
<h1><span class="${verdict === 'conforms' ? 'good' : 'bad'}">${verdict === 'conforms' ? '✓' : '✗'}</span> ${escape(backend.name)} ${verdict}</h1>
<p class="counts"><b>${passed}</b> passed <b class="${failed === 0 ? '' : 'bad'}">${failed}</b> failed <b>${deviates}</b> deviate on purpose${outcomes.length < planned ? ` <b>${planned - outcomes.length}</b> not run` : ''}</p>
${lost === null ? '' : `<p class="bad">The run ended before: the backend answered no more. ${escape(lost)}</p>`}
<dl>
${pairs([
  ['oracle', oracle],
  ['seed', String(seed)],
  ['time', formatTime(milliseconds)],
  ['fused ops', backend.families.join(', ') || 'none'],
  ...Object.entries(backend.info).map(([key, value]): [string, string] => [key, String(value)]),
])}
</dl>
</header>
${failures(outcomes)}
${deviations(outcomes)}
<section>
<h2>Largest errors</h2>
<p>Each field shows the error that comes closest to its tolerance, coloured by the share of the tolerance it uses.</p>
${scale}
${dtypes
  .map((dtype) =>
    table(
      dtype,
      rows.filter((row) => row.dtype === dtype),
    ),
  )
  .join('\n')}
</section>`,
  );
}

function table(dtype: string, rows: readonly Row[]): string {
  const shown = columns.filter((kind) => rows.some(({ cells }) => cells[kind] !== undefined));
  return `<h3>${dtype}</h3>
<div class="wide"><table>
<thead><tr><th>op</th>${shown.map((kind) => `<th>${columnTitles[kind]}</th>`).join('')}<th>path taken</th><th class="number">time</th></tr></thead>
<tbody>
${rows
  .map(
    ({ op, cells, path, milliseconds }) =>
      `<tr><th>${escape(op)}</th>${shown.map((kind) => field(cells[kind])).join('')}<td class="path">${path}</td><td class="number">${formatTime(milliseconds)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table></div>`;
}

function field(cell: Cell | undefined): string {
  if (cell === undefined) return '<td class="none"></td>';
  const { cases, failed, deviating, worst } = cell;
  const count = `${cases} case${cases === 1 ? '' : 's'}${deviating > 0 ? `, ${deviating} deviating` : ''}`;
  const small = `<small>${count}</small>`;
  if (failed > 0) return `<td class="failed">${failed} failed ${small}</td>`;
  if (worst === null) return `<td class="s0">exact ${small}</td>`;
  const share = worst.error / worst.tolerance;
  const title = `${(100 * share).toPrecision(2)}% of the tolerance ${formatError(worst.tolerance)}`;
  return `<td class="${shade(worst)}" title="${title}">${formatError(worst.error)} <span>of ${formatError(worst.tolerance)}</span> ${small}</td>`;
}

function failures(outcomes: readonly CaseOutcome[]): string {
  const items = outcomes
    .filter(({ status }) => status === 'failed')
    .map(({ name, failure }) => `<li>${headed(name, failure ?? '')}</li>`);
  return items.length === 0 ? '' : `<section class="failures"><h2>Failures</h2><ol>${items.join('\n')}</ol></section>`;
}

function deviations(outcomes: readonly CaseOutcome[]): string {
  const items = outcomes
    .filter(({ status }) => status === 'deviates')
    .map(({ name, dtype, deviation }) => `<li><b>${escape(name)}</b> (${dtype}): ${escape(deviation ?? '')}</li>`);
  return items.length === 0 ? '' : `<section><h2>Deviations</h2><ul>${items.join('\n')}</ul></section>`;
}
