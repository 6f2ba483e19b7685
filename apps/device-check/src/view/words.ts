import type { Comparison } from '@tempograd/conformance/report';
import type { BackendResult } from '../run/BackendResult.js';
import type { Speed } from '../worker/measureSpeed.js';

const numbers = new Intl.NumberFormat('en-GB');
const list = new Intl.ListFormat('en-GB');
const threeDigits = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

/** A count with its thousands apart. */
export function count(value: number): string {
  return numbers.format(value);
}

/** `1 case`, `2 cases`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A time that is only about right. */
export function roughly(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 8) return 'a few seconds';
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} s`;
  if (seconds < 90) return 'about a minute';
  return `about ${Math.round(seconds / 60)} min`;
}

/** `123,000`, of which three digits mean something, and `± 3 %` where it is known. */
export function speedWords({ median, noise, failure }: Speed): { readonly figure: string; readonly noise: string } {
  if (median === null) return { figure: failure === null ? 'too slow' : 'failed', noise: '' };
  const figure = threeDigits.format(median);
  return { figure, noise: noise === null ? '' : `± ${Math.max(1, Math.round(noise * 100))} %` };
}

/** What became of a backend: which kind of news it is, and a sentence or two. */
export interface Summary {
  readonly tone: 'good' | 'bad' | 'busy' | 'quiet';
  readonly text: string;
}

/** A backend's result in words that need no explanation. */
export function summaryOf(result: BackendResult): Summary {
  const { state, reason, outcomes, planned, losses } = result;
  const failed = outcomes.filter(({ status }) => status === 'failed').length;
  const of = `${count(outcomes.length)} of ${counted(planned ?? outcomes.length, 'case')}`;
  const soFar = failed === 0 ? '' : `, ${count(failed)} fail${failed === 1 ? 's' : ''}`;
  const tone = failed === 0 ? 'quiet' : 'bad';
  switch (state) {
    case 'looking':
      return { tone: 'quiet', text: 'Looking …' };
    case 'found':
      return { tone: 'quiet', text: result.chosen ? 'Ready' : 'Left out' };
    case 'absent':
      return { tone: 'quiet', text: `Not here. ${reason ?? ''}` };
    case 'broken':
      return {
        tone: 'bad',
        text: `Does not start${soFar === '' ? '' : ` any more after ${of}${soFar}`}. ${reason ?? ''}`,
      };
    case 'measuring':
      return { tone: 'busy', text: 'Measuring its speed …' };
    case 'checking':
      return { tone: failed === 0 ? 'busy' : 'bad', text: `Checking: ${of}${soFar}` };
    case 'stopped':
      return { tone, text: outcomes.length === 0 ? 'Not checked yet' : `Stopped after ${of}${soFar}` };
    case 'gaveUp':
      return { tone: 'bad', text: `Given up after ${of}${soFar}: it fell too often. ${reason ?? ''}` };
    case 'done':
      return finished(result, failed, losses.length);
  }
}

function finished({ outcomes }: BackendResult, failed: number, losses: number): Summary {
  const deviating = outcomes.filter(({ status }) => status === 'deviates').length;
  const fallen =
    losses === 0 ? '' : ` It fell ${losses === 1 ? 'once' : `${losses} times`}; the rest ran in a new worker.`;
  if (failed === 0) {
    const apart = deviating === 0 ? '' : `, ${count(deviating)} of them as a known exception`;
    return { tone: 'good', text: `All ${counted(outcomes.length, 'case')} pass${apart}.${fallen}` };
  }
  const ops = [...new Set(outcomes.filter(({ status }) => status === 'failed').map(({ op }) => op))];
  const named = list.format(ops.length <= 4 ? ops : [...ops.slice(0, 3), `${ops.length - 3} more`]);
  return {
    tone: 'bad',
    text: `${count(failed)} of ${counted(outcomes.length, 'case')} fail${failed === 1 ? 's' : ''}: ${named}.${fallen}`,
  };
}

/** The verdict on all backends in one sentence; null before there is one. */
export function verdict(results: readonly BackendResult[], { backends, failures }: Comparison): Summary | null {
  if (backends.length === 0) return null;
  const failing = results.filter(({ outcomes }) => outcomes.some(({ status }) => status === 'failed'));
  const broken = results.filter(({ state, chosen }) => state === 'broken' && chosen);
  const faults = [
    failing.length === 0
      ? []
      : `${counted(failures.length, 'case')} ${failures.length === 1 ? 'fails' : 'fail'}, on ${namesOf(failing)}.`,
    broken.length === 0 ? [] : `${namesOf(broken)} ${broken.length === 1 ? 'does' : 'do'} not start.`,
  ].flat();
  if (faults.length > 0) return { tone: 'bad', text: faults.join(' ') };
  return {
    tone: 'good',
    text:
      backends.length === 1
        ? 'The backend computes correctly in this browser.'
        : `All ${backends.length} backends compute correctly in this browser.`,
  };
}

function namesOf(results: readonly BackendResult[]): string {
  return list.format(results.map(({ id }) => id));
}

/** An error as a share of its tolerance. */
export function shareOf({ error, tolerance }: { readonly error: number; readonly tolerance: number }): string {
  const percent = (100 * error) / tolerance;
  return error === 0 ? '0 %' : percent < 1 ? 'under 1 %' : `${Math.round(percent)} %`;
}
