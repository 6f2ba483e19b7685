import { strategyCode, type Advice, type ChoiceCost } from '@tempograd/nn';
import type { TrainSettings } from '../training/settings.js';
import { trainCommandLine } from './commandLine.js';
import { describeRecurrence } from './describeRecurrence.js';
import { bold, bytes, dim, figures, terminalWidth, wrap } from './format.js';
import { labelled, table } from './table.js';

/** What advice was measured on. */
export interface AdvisedOn {
  readonly text: string;
  readonly backend: string;
  readonly settings: TrainSettings;
  /** Arguments with which `tempograd train` follows it; null where it cannot. */
  readonly training: readonly string[] | null;
}

/** Advice, for people. */
export function describeAdvice(advice: Advice, on: AdvisedOn | null): string {
  const { choice, cell, initialisation, pooling, batch, reasons, cost, alternatives } = advice;
  const starts = Object.entries(initialisation).map(([name, value]) => `${name}: ${value}`);
  const rows: [string, string][] = [
    ['strategy', strategyCode(choice)],
    ['cell', [cell, ...starts].join(', ')],
    ...(pooling === 'none' ? [] : [['pooling', pooling] as [string, string]]),
    ...(batch === null ? [] : [['batch', String(batch)] as [string, string]]),
    ...(on === null ? [] : [['measured', describeMeasured(on)] as [string, string]]),
  ];
  const sentences = reasons.flatMap((reason) =>
    wrap(reason, terminalWidth() - 4).map((line, index) => `  ${index === 0 ? '·' : ' '} ${line}`),
  );
  const blocks = [bold('Advice'), labelled(rows), bold('Because'), sentences.join('\n')];
  if (alternatives.length > 0) blocks.push(bold('What it costs, beside others'), costs(cost, alternatives));
  if (on !== null) blocks.push(bold('To train so'), describeTraining(on));
  return blocks.join('\n\n');
}

function describeMeasured({ text, backend, settings }: AdvisedOn): string {
  const { cell, layers, hidden, embedding } = settings;
  return `on ${text}, with an embedding of ${embedding} and ${describeRecurrence(cell, layers, hidden)}, on ${backend}`;
}

function describeTraining({ training }: AdvisedOn): string {
  const line =
    training === null
      ? 'The command line trains in chunks alone, with the usual start: for this, write a program, and give the strategy to fit.'
      : trainCommandLine(...training);
  return wrap(line, terminalWidth() - 2)
    .map((each) => `  ${each}`)
    .join('\n');
}

function costs(cost: ChoiceCost, alternatives: readonly ChoiceCost[]): string {
  const all = [cost, ...alternatives];
  const columns: [title: string, of: (each: ChoiceCost) => string][] = [['', ({ what }) => what]];
  if (all.some(({ bytes: planned }) => planned !== null))
    columns.push(['memory', ({ bytes: planned }) => (planned === null ? '–' : bytes(planned))]);
  if (all.some(({ secondsPerStep }) => secondsPerStep !== null))
    columns.push(['a step', ({ secondsPerStep }) => (secondsPerStep === null ? '–' : milliseconds(secondsPerStep))]);
  else columns.push(['work a step', ({ work }) => figures(work)]);
  if (all.some(({ keptShare }) => keptShare !== null))
    columns.push(['kept', ({ keptShare }) => (keptShare === null ? '–' : `${Math.round(100 * keptShare)} %`)]);
  const rows = all.map((each, index) => [index === 0 ? '→' : '', ...columns.map(([, of]) => of(each))]);
  const right = columns.map((_, index) => index).slice(1);
  const titles = columns.map(([title]) => title);
  const notes = [
    ...(titles.includes('work a step') ? ['  Work in steps forward: one back counts as two.'] : []),
    ...(titles.includes('kept') ? ['  Kept: the share of its gradient that a loss keeps, on average.'] : []),
  ];
  const below = notes.length === 0 ? '' : `\n\n${dim(notes.join('\n'))}`;
  return table([['', ...titles], ...rows], { right: right.map((column) => column + 1), head: true }) + below;
}

function milliseconds(seconds: number): string {
  return seconds < 1e-3 ? `${figures(1e6 * seconds)} µs` : `${figures(1e3 * seconds)} ms`;
}
