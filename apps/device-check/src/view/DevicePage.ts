import type { ConformanceReport } from '@tempograd/conformance';
import type { Comparison } from '@tempograd/conformance/report';
import { html, nothing, render, type TemplateResult } from 'lit-html';
import { deviceFacts } from '../report/deviceFacts.js';
import { reportOf } from '../run/BackendResult.js';
import type { CheckSettings, DeviceCheckParts } from '../run/DeviceCheck.js';
import { DeviceCheck } from '../run/DeviceCheck.js';
import { backendTable } from './backendTable.js';
import { controls, type ControlActions } from './controls.js';
import { fieldDetail } from './fieldDetail.js';
import { matrix, type FieldPlace } from './matrix.js';
import { takeAway } from './takeAway.js';
import { verdict } from './words.js';

/** Milliseconds between two pictures while a check runs. */
const pause = 250;

/** What the page is asked for by its address. */
export interface PageRequest {
  /** Backends to check; null for all. */
  readonly backends: readonly string[] | null;
  readonly settings: Partial<CheckSettings>;
  /** Whether to begin without being asked. */
  readonly start: boolean;
}

/** The page: shows a check, and hands on what is asked of it. */
export class DevicePage {
  readonly check: DeviceCheck;
  readonly #root: HTMLElement;
  readonly #facts = deviceFacts();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failuresOnly = false;
  #place: FieldPlace | null = null;
  #said = '';
  #comparison: { readonly of: number; readonly value: Comparison } | null = null;

  constructor(root: HTMLElement, parts: Omit<DeviceCheckParts, 'onChange'>) {
    this.#root = root;
    this.check = new DeviceCheck({ ...parts, onChange: () => this.#showSoon() });
  }

  /** Looks for backends, and begins where it is asked to. */
  async open({ backends, settings, start }: PageRequest): Promise<void> {
    Object.assign(this.check.settings, settings);
    for (const result of this.check.results) result.chosen = backends?.includes(result.id) ?? true;
    this.#show();
    await this.check.look();
    this.#show();
    if (start) await this.#start();
  }

  /** Ends what runs and takes the page away. */
  close(): void {
    this.check.stop();
    if (this.#timer !== null) clearTimeout(this.#timer);
    render(nothing, this.#root);
  }

  #showSoon(): void {
    this.#timer ??= setTimeout(() => this.#show(), pause);
  }

  #show(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#root.dataset['phase'] = this.check.phase;
    render(this.#page(), this.#root);
  }

  #page(): TemplateResult {
    const { check } = this;
    const comparison = this.#compared();
    const busy = check.phase === 'looking' || check.phase === 'running';
    return html`<header class="top">
        <h1>Device check</h1>
        <p>
          Does tempograd compute right values and gradients in this browser, on this device, and how fast does it train?
          All of it runs here, and nothing is sent anywhere.
        </p>
        <dl class="facts">
          ${this.#facts.map(
            ([name, value]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
        </dl>
      </header>
      ${controls(check, verdict(check.results, comparison), this.#actions)}
      <p role="status" class="hidden">${this.#announcement()}</p>
      <section aria-labelledby="backends-title">
        <h2 id="backends-title">Backends</h2>
        <p class="note">Speeds are characters of training per second, longer bars are faster.</p>
        ${backendTable(check.results, busy, (result, chosen) => {
          result.chosen = chosen;
          this.#show();
        })}
      </section>
      ${comparison.rows.length === 0 ? nothing : this.#ops(comparison)}
      ${comparison.backends.length === 0 ? nothing : takeAway(check, this.#said, (text) => this.#say(text))}
      <dialog aria-labelledby="detail-title" @close=${() => this.#opened(null)} @click=${closeOnBackdrop}>
        ${this.#place === null ? nothing : fieldDetail(comparison, this.#reports(), this.#place, () => this.#dialog.close())}
      </dialog>`;
  }

  #ops(comparison: Comparison): TemplateResult {
    const { failures } = comparison;
    const failuresOnly = this.#failuresOnly && failures.length > 0;
    return html`<section aria-labelledby="matrix-title">
      <h2 id="matrix-title">Ops</h2>
      <p>
        Of each op on each backend the error that comes closest to what is allowed, and the path it took. Tap one for
        what is behind it.
      </p>
      <p class="scale">
        <span class="label">of what is allowed:</span> <i class="s0">exact</i><i class="s1">&lt; 1 %</i
        ><i class="s2">&lt; 10 %</i><i class="s3">&lt; 50 %</i><i class="s4">&lt; 100 %</i
        ><i class="failed">✗ failed</i>
      </p>
      ${
        failures.length === 0
          ? nothing
          : html`<label class="filter">
              <input
                type="checkbox"
                id="failures-only"
                .checked=${failuresOnly}
                @change=${(event: Event) => {
                  this.#failuresOnly = (event.target as HTMLInputElement).checked;
                  this.#show();
                }}
              />
              Only what fails
            </label>`
      }
      ${matrix(comparison, { failuresOnly, current: this.#current, open: (place) => this.#opened(place) })}
    </section>`;
  }

  /** The field that was opened last, which the tabulator key comes back to. */
  #current: FieldPlace | null = null;

  #opened(place: FieldPlace | null): void {
    if (place !== null) this.#current = place;
    this.#place = place;
    this.#show();
    if (place !== null && !this.#dialog.open) this.#dialog.showModal();
  }

  get #dialog(): HTMLDialogElement {
    return this.#root.querySelector('dialog') as HTMLDialogElement;
  }

  #reports(): ConformanceReport[] {
    return this.check.results.flatMap((result) => reportOf(result, this.check.settings.seed) ?? []);
  }

  /** Made anew only when there is something new. */
  #compared(): Comparison {
    const of = this.check.results.reduce((sum, { outcomes, planned }) => sum + outcomes.length + (planned ?? 0), 0);
    if (this.#comparison?.of !== of) this.#comparison = { of, value: this.check.comparison() };
    return this.#comparison.value;
  }

  /** What a screen reader is told unasked: stages, not every case. */
  #announcement(): string {
    const { phase, results } = this.check;
    if (phase === 'looking') return 'Looking for backends.';
    if (phase === 'stopped') return 'Stopped.';
    if (phase === 'done') return `Finished. ${verdict(results, this.#compared())?.text ?? ''}`;
    const active = results.find(({ state }) => state === 'measuring' || state === 'checking');
    if (active === undefined) return 'Ready.';
    return active.state === 'measuring' ? `Measuring the speed of ${active.id}.` : `Checking ${active.id}.`;
  }

  #say(text: string): void {
    this.#said = text;
    this.#show();
  }

  readonly #actions: ControlActions = {
    start: () => void this.#start(),
    stop: () => {
      this.check.stop();
      this.#show();
    },
    reset: () => this.check.reset(),
    setScope: (scope) => {
      this.check.settings.scope = scope;
      this.check.reset();
      this.#show();
    },
    setSpeed: (speed) => {
      this.check.settings.speed = speed;
      this.#show();
    },
  };

  async #start(): Promise<void> {
    this.#said = '';
    const running = this.check.start();
    this.#show();
    const awake = stayAwake();
    await running;
    this.#show();
    await (await awake)?.release();
  }
}

/** A phone that falls asleep would stop the check; where it cannot be kept awake, it runs all the same. */
async function stayAwake(): Promise<WakeLockSentinel | null> {
  const { wakeLock } = navigator as { wakeLock?: WakeLock };
  return (await wakeLock?.request('screen').catch(() => null)) ?? null;
}

function closeOnBackdrop(event: MouseEvent): void {
  if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
}
