import { html, nothing, type TemplateResult } from 'lit-html';
import type { BackendResult } from '../run/BackendResult.js';
import type { SpeedRow } from '../run/speedRows.js';
import { speedRows } from '../run/speedRows.js';
import type { Speed } from '../worker/measureSpeed.js';
import { speedWords, summaryOf } from './words.js';

const marks = { good: '✓', bad: '✗', busy: '', quiet: '' } as const;

/**
 * The backends: which are here, what became of each, and how fast it trains. The roles are written out, because a table that is
 * laid out as cards on a phone has none of its own in some browsers.
 */
export function backendTable(
  results: readonly BackendResult[],
  busy: boolean,
  choose: (result: BackendResult, chosen: boolean) => void,
): TemplateResult {
  return html`<table class="backends" role="table" aria-labelledby="backends-title">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">backend</th>
        <th role="columnheader" scope="col">result</th>
        ${speedRows.map(({ title }) => html`<th role="columnheader" scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${results.map((result) => backendRow(result, results, busy, choose))}
    </tbody>
  </table>`;
}

function backendRow(
  result: BackendResult,
  all: readonly BackendResult[],
  busy: boolean,
  choose: (result: BackendResult, chosen: boolean) => void,
): TemplateResult {
  const { id, about, chosen, state } = result;
  const { tone, text } = summaryOf(result);
  const here = state !== 'absent' && state !== 'looking' && (state !== 'broken' || result.opened !== null);
  return html`<tr role="row" data-backend=${id} class=${here ? '' : 'away'}>
    <th role="rowheader" scope="row">
      <label>
        <input
          type="checkbox"
          .checked=${chosen && state !== 'absent'}
          ?disabled=${busy || !here}
          @change=${(event: Event) => choose(result, (event.target as HTMLInputElement).checked)}
        />
        <span><b>${id}</b><small>${about}</small></span>
      </label>
    </th>
    <td role="cell" class="summary ${tone}">
      <p>${marks[tone] === '' ? nothing : html`<span aria-hidden="true">${marks[tone]} </span>`}${text}</p>
      ${details(result)}
    </td>
    ${speedRows.map((row) => speedCell(row, result, all))}
  </tr>`;
}

function details({ opened, losses }: BackendResult): TemplateResult | typeof nothing {
  if (opened === null) return nothing;
  const facts = Object.entries(opened.info).map(([name, value]) => [name, String(value)] as const);
  return html`<details>
    <summary>Details</summary>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
      <div>
        <dt>fused ops</dt>
        <dd>${opened.families.join(', ') || 'none'}</dd>
      </div>
      ${losses.map(
        (loss) =>
          html`<div>
            <dt>fell</dt>
            <dd>${loss}</dd>
          </div>`,
      )}
    </dl>
  </details>`;
}

function speedCell({ id, title }: SpeedRow, result: BackendResult, all: readonly BackendResult[]): TemplateResult {
  const speedOn = ({ speeds }: BackendResult): Speed | undefined => speeds.find(({ row }) => row === id);
  const speed = speedOn(result);
  const fastest = Math.max(...all.flatMap((each) => speedOn(each)?.slices ?? []));
  return html`<td role="cell" class="speed" data-label=${title}>
    ${speed === undefined ? html`<span class="none" aria-label="not measured">–</span>` : speedBar(speed, fastest)}
  </td>`;
}

function speedBar(speed: Speed, fastest: number): TemplateResult {
  const { figure, noise } = speedWords(speed);
  if (speed.median === null) {
    return speed.failure === null
      ? html`<span>${figure}</span><small class="why">A step takes longer than the page waits.</small>`
      : html`<span class="bad">${figure}</span><small class="why">${speed.failure}</small>`;
  }
  const share = (value: number): string => `${((100 * value) / fastest).toFixed(2)}%`;
  const [low, high] = [Math.min(...speed.slices), Math.max(...speed.slices)];
  return html`<span class="figure">${figure} <small>${noise}</small></span>
    <span
      class="bar"
      aria-hidden="true"
      style="--length: ${share(speed.median)}; --low: ${share(low)}; --high: ${share(high)}"
    ></span>
    ${speed.failure === null ? nothing : html`<small class="why bad">Then it failed: ${speed.failure}</small>`}`;
}
