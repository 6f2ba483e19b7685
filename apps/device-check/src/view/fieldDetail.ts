import type { CaseOutcome, ConformanceReport } from '@tempograd/conformance';
import { columnTitle, formatError, type ComparedField, type Comparison } from '@tempograd/conformance/report';
import { html, nothing, type TemplateResult } from 'lit-html';
import { shadeOf, type FieldPlace } from './matrix.js';
import { counted, shareOf } from './words.js';

const pathWords: Readonly<Record<string, string>> = {
  fused: "fused: the backend's own kernel for the whole op",
  composed: 'composed of smaller ops, since the backend has no kernel for the whole',
  'composed, fused': "fused, the backend's own kernel, in some cases, and composed of smaller ops in others",
};

const statusMarks = { passed: '✓', failed: '✗', deviates: '≠' } as const;

/** All that was measured of an op on a backend. */
export function fieldDetail(
  comparison: Comparison,
  reports: readonly ConformanceReport[],
  { op, column }: FieldPlace,
  close: () => void,
): TemplateResult | typeof nothing {
  const at = comparison.columns[column];
  const field = comparison.rows.find((row) => row.op === op)?.fields[column];
  if (at === undefined || field === undefined || field === null) return nothing;
  const outcomes =
    reports
      .find(({ backend }) => backend.name === at.backend)
      ?.outcomes.filter((outcome) => outcome.op === op && outcome.dtype === at.dtype) ?? [];
  return html`<div class="sheet">
    <header>
      <h2 id="detail-title">${op} <span>on ${columnTitle(at)}</span></h2>
      <button type="button" class="close" aria-label="Close" @click=${close}>✕</button>
    </header>
    <p class=${field.failed > 0 ? 'bad' : 'good'}>${sentence(field)}</p>
    ${failures(outcomes)} ${measurements(field)} ${exceptions(outcomes)}
    <h3>Cases</h3>
    <ul class="cases">
      ${outcomes.map(caseLine)}
    </ul>
  </div>`;
}

function sentence({ cases, failed, deviating }: ComparedField): string {
  if (failed > 0) return `✗ ${failed} of ${counted(cases, 'case')} fail${failed === 1 ? 's' : ''}.`;
  const apart = deviating === 0 ? '' : `, ${deviating} as a known exception`;
  return `✓ ${cases === 1 ? 'Its one case passes' : `All ${cases} cases pass`}${apart}.`;
}

function measurements(field: ComparedField): TemplateResult {
  const { worst, path } = field;
  const lines: [string, TemplateResult | string][] =
    worst === null
      ? [['Largest error', field.failed > 0 ? 'not known' : 'none: nothing was off, and nothing may be']]
      : [
          [
            'Largest error',
            html`<b class="chip ${shadeOf({ ...field, failed: 0 })}">${formatError(worst.error)}</b> in
              <i>${worst.name}</i>`,
          ],
          ['Tolerance', `${formatError(worst.tolerance)}, of which it uses ${shareOf(worst)}`],
          ...(worst.reason === null ? [] : [['Why that much', `${worst.reason}.`] as [string, string]]),
        ];
  const words = pathWords[path];
  if (words !== undefined) lines.push(['Path', words]);
  return html`<dl class="measurements">
    ${lines.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function failures(outcomes: readonly CaseOutcome[]): TemplateResult | typeof nothing {
  const failed = outcomes.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return nothing;
  return html`<h3>What fails</h3>
    <ol class="failures">
      ${failed.map(({ failure }) => html`<li>${failure}</li>`)}
    </ol>`;
}

function exceptions(outcomes: readonly CaseOutcome[]): TemplateResult | typeof nothing {
  const known = outcomes.filter(({ status }) => status === 'deviates');
  if (known.length === 0) return nothing;
  return html`<h3>Known exceptions</h3>
    <ul class="exceptions">
      ${known.map(({ name, deviation }) => html`<li><b>${name}</b>: ${deviation}</li>`)}
    </ul>`;
}

function caseLine({ name, status, error, tolerance }: CaseOutcome): TemplateResult {
  const figure =
    tolerance > 0 ? `${formatError(error)} of ${formatError(tolerance)}` : status === 'passed' ? 'exact' : '';
  return html`<li class=${status}>
    <span><span aria-hidden="true">${statusMarks[status]}</span><span class="hidden">${status}:</span> ${name}</span>
    <small>${figure}</small>
  </li>`;
}
