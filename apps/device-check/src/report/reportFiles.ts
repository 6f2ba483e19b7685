import { comparisonToHtml, comparisonToMarkdown, type ComparisonPageOptions } from '@tempograd/conformance/report';
import type { DeviceCheck } from '../run/DeviceCheck.js';
import { reportOf } from '../run/BackendResult.js';
import { speedRows } from '../run/speedRows.js';
import { speedWords } from '../view/words.js';
import { deviceFacts } from './deviceFacts.js';

/** A report in one of its forms. */
export interface ReportFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

/** The report for programs: facts, speeds with every slice, the comparison, and each backend's cases. Numbers that are not finite become null. */
export function jsonFile(check: DeviceCheck): ReportFile {
  const { results, settings } = check;
  const report = {
    format: 'tempograd device check',
    version: 1,
    date: dateOf(check),
    device: { ...Object.fromEntries(deviceFacts()), userAgent: navigator.userAgent },
    settings,
    comparison: check.comparison(),
    speeds: results.flatMap(({ id, speeds }) => speeds.map((speed) => ({ backend: id, ...speed }))),
    reports: results.flatMap((result) => reportOf(result, settings.seed) ?? []),
  };
  return { name: nameOf(check, 'json'), type: 'application/json', text: `${JSON.stringify(report, null, 2)}\n` };
}

/** The report for people, as a page that needs nothing else. */
export function htmlFile(check: DeviceCheck): ReportFile {
  const text = comparisonToHtml(check.comparison(), pageOf(check));
  return { name: nameOf(check, 'html'), type: 'text/html', text };
}

/** The report for people, to be pasted where Markdown is read. */
export function markdownFile(check: DeviceCheck): ReportFile {
  const text = comparisonToMarkdown(check.comparison(), pageOf(check));
  return { name: nameOf(check, 'md'), type: 'text/markdown', text };
}

function pageOf(check: DeviceCheck): ComparisonPageOptions {
  const { results, settings } = check;
  const measured = results.filter(({ speeds }) => speeds.length > 0);
  const cases = settings.scope === 'quick' ? 'quick: the first cases of each op' : 'all';
  const tables: NonNullable<ComparisonPageOptions['tables']> =
    measured.length === 0
      ? []
      : [
          {
            title: 'Speed of training',
            note: 'Characters per second: the median of slices of time ± the median deviation from it.',
            head: ['backend', ...speedRows.map(({ title }) => title)],
            rows: measured.map(({ id, speeds }) => [id, ...speedRows.map((row) => speedText(speeds, row.id))]),
          },
        ];
  const facts: [string, string][] = [['date', dateOf(check)], ...deviceFacts(), ['cases', cases]];
  return { title: 'tempograd device check', facts, tables };
}

function speedText(speeds: Parameters<typeof speedWords>[0][], id: string): string {
  const speed = speeds.find(({ row }) => row === id);
  if (speed === undefined) return '–';
  const { figure, noise } = speedWords(speed);
  const failure = speed.failure === null ? '' : `, ${speed.failure}`;
  return `${`${figure} ${noise}`.trim()}${failure}`;
}

function dateOf({ began }: DeviceCheck): string {
  return (began ?? new Date()).toISOString().replace(/\.\d+/, '');
}

function nameOf(check: DeviceCheck, extension: string): string {
  return `tempograd-device-check-${dateOf(check).slice(0, 16).replace(/[T:]/g, '-')}.${extension}`;
}
