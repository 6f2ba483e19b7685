import { conformanceCases } from '@tempograd/conformance';
import { html, nothing, type TemplateResult } from 'lit-html';
import { quickNames, type Scope } from '../run/chooseCases.js';
import type { DeviceCheck } from '../run/DeviceCheck.js';
import { speedRows } from '../run/speedRows.js';
import { count, counted, roughly, type Summary } from './words.js';

/** What the buttons do. */
export interface ControlActions {
  readonly start: () => void;
  readonly stop: () => void;
  readonly reset: () => void;
  readonly setScope: (scope: Scope) => void;
  readonly setSpeed: (speed: boolean) => void;
}

const scopes: readonly { readonly scope: Scope; readonly title: string; readonly note: string }[] = [
  {
    scope: 'quick',
    title: 'Quick',
    note: `every op once, ${count(quickNames.length)} cases a backend: a minute or two`,
  },
  {
    scope: 'all',
    title: 'Everything',
    note: `all ${count(conformanceCases.length)} cases a backend: minutes, on phones many`,
  },
];

/** How much to run, the button that starts it, how far it is, and in the end the verdict. */
export function controls(check: DeviceCheck, summary: Summary | null, actions: ControlActions): TemplateResult {
  const { phase, settings } = check;
  const idle = phase === 'ready' || phase === 'stopped' || phase === 'done';
  return html`<form class="controls" @submit=${(event: Event) => event.preventDefault()}>
    ${phase === 'done' && summary !== null ? verdictLine(summary) : nothing}
    <fieldset ?disabled=${!idle}>
      <legend>How much</legend>
      <div class="scopes">
        ${scopes.map(
          ({ scope, title, note }) =>
            html`<label>
              <input
                type="radio"
                name="scope"
                value=${scope}
                .checked=${settings.scope === scope}
                @change=${() => actions.setScope(scope)}
              />
              <span><b>${title}</b><small>${note}</small></span>
            </label>`,
        )}
        <label>
          <input
            type="checkbox"
            name="speed"
            .checked=${settings.speed}
            @change=${(event: Event) => actions.setSpeed((event.target as HTMLInputElement).checked)}
          />
          <span><b>Speed</b><small>also measure how fast each trains: some seconds a backend</small></span>
        </label>
      </div>
    </fieldset>
    ${settings.ops === null ? nothing : html`<p class="note">Only cases of ${settings.ops.join(', ')}, as the address asks.</p>`}
    ${progress(check, actions)}
  </form>`;
}

function verdictLine({ tone, text }: Summary): TemplateResult {
  return html`<p class="verdict ${tone}" id="verdict">
    <span aria-hidden="true">${tone === 'good' ? '✓' : '✗'}</span> ${text}
  </p>`;
}

function progress(check: DeviceCheck, actions: ControlActions): TemplateResult {
  const { phase, results } = check;
  const anyChosen = results.some(({ chosen, state }) => chosen && state !== 'absent' && state !== 'broken');
  if (phase === 'running') {
    return html`<div class="progress">
      <button type="button" class="primary" id="stop" @click=${actions.stop}>Stop</button>
      ${progressLines(check)}
    </div>`;
  }
  const word = phase === 'stopped' ? 'Continue' : phase === 'done' ? 'Check again' : 'Start';
  return html`<div class="progress">
    <button
      type="button"
      class="primary"
      id="start"
      ?disabled=${phase === 'looking' || !anyChosen}
      @click=${actions.start}
    >
      ${phase === 'looking' ? 'Looking for backends …' : word}
    </button>
    ${phase === 'stopped' ? html`<button type="button" id="reset" @click=${actions.reset}>Start over</button>` : nothing}
    ${phase === 'stopped' ? progressLines(check) : nothing}
    ${phase === 'ready' && !anyChosen ? html`<p class="note">Choose a backend below.</p>` : nothing}
  </div>`;
}

function progressLines(check: DeviceCheck): TemplateResult {
  const active = check.results.find(({ state }) => state === 'measuring' || state === 'checking');
  if (active?.state === 'measuring') {
    const chosen = check.results.filter(({ chosen: is, state }) => is && state !== 'absent' && state !== 'broken');
    const done = chosen.filter(({ speeds }) => speeds.length >= speedRows.length).length;
    return howFar(done, chosen.length, `speed of ${done} of ${counted(chosen.length, 'backend')}`, '', active.id);
  }
  const { done, total, left } = check.progress();
  const what = active === undefined ? '' : `${active.id}: ${active.running?.name ?? '…'}`;
  const time = left === null || check.phase === 'stopped' ? '' : `${roughly(left)} left`;
  return howFar(done, total, `${count(done)} of ${count(total)} cases`, time, what);
}

function howFar(done: number, total: number, words: string, time: string, what: string): TemplateResult {
  return html`<div class="how-far">
    <progress aria-label="Progress" max=${total} value=${done}></progress>
    <p><span id="count">${words}</span><span>${time}</span></p>
    <p class="running">${what}</p>
  </div>`;
}
