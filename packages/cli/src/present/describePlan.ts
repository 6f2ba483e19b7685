import { countedItems, units } from '../text/unit.js';
import type { TrainPlan } from '../training/runPlan.js';
import { lastLearningRate, updatesOf, warmUpUpdates, type Phase } from '../training/schedule.js';
import { describeRecurrence } from './describeRecurrence.js';
import { bold, bytes, count, counted, duration, figures } from './format.js';
import { labelled } from './table.js';

/** What a training will do, for people. */
export function describePlan(plan: TrainPlan): string {
  const { settings, items, vocabulary, parameters, plannedBytes, done, updates, text, model, checkpoint } = plan;
  const { unit, cell, hidden, layers, embedding, dropout, batch, steps, clip } = settings;
  const verb = done > 0 ? 'Going on with the training of' : 'Training';
  const rows: [string, string][] = [
    [
      'text',
      `${text.title}: ${countedItems(items.all, unit)}${unit === 'words' ? ', marks and line breaks among them' : ''}, ${describeHeldOut(plan)}`,
    ],
    [
      'model',
      `embedding of ${embedding}, ${describeRecurrence(cell, layers, hidden)}, linear to ${count(vocabulary)} different ${units[unit].one}s: ${count(parameters)} parameters${dropout > 0 ? `, dropout ${dropout}` : ''}`,
    ],
    [
      'strategy',
      `truncated backpropagation through time: an update every ${steps} steps, ${steps} steps back, the carry passed on; ${counted(batch, 'stream')} side by side`,
    ],
    ['optimiser', `${describeOptimiser(settings)}, ${describeRate(plan)}; gradients clipped at norm ${clip}`],
    ['backend', describeBackend(plan)],
    ['memory', `${bytes(plannedBytes)} planned at the highest`],
    ['length', describeLength(plan)],
    ['saves', `${model}; Ctrl-C keeps the run in ${checkpoint}`],
  ];
  const title = `${verb} a ${units[unit].one} model: ${updates > done ? counted(updates - done, 'update') : 'nothing is left to train, its model is written'}`;
  return `${bold(title)}\n\n${labelled(rows)}\n`;
}

function describeHeldOut({ items: { all, heldOut }, settings: { unit } }: TrainPlan): string {
  const most = { characters: 'a million', words: '100,000', bytes: 'a million' }[unit];
  return `the last ${count(heldOut)} held out${heldOut < Math.floor(all / 10) ? ` (${most} at most, where a tenth is more)` : ''}`;
}

function describeOptimiser({ weightDecay }: TrainPlan['settings']): string {
  return weightDecay === 0 ? 'Adam' : `AdamW, weight decay ${weightDecay}`;
}

function describeRate({ phases, done }: TrainPlan): string {
  const phase = phaseAt(phases, done);
  return (
    `learning rate up to ${figures(phase.learningRate)} in ${counted(warmUpUpdates(phase), 'update')}, ` +
    `then by half a cosine down to ${figures(lastLearningRate(phase))}`
  );
}

function phaseAt(phases: readonly Phase[], update: number): Phase {
  const index = phases.findIndex((_, at) => update < updatesOf(phases.slice(0, at + 1)));
  return phases.at(index) as Phase;
}

function describeBackend({ backend, info }: TrainPlan): string {
  const { threads, build } = info;
  const about = [
    typeof build === 'string' ? `${build} build` : null,
    typeof threads === 'number' ? counted(threads, 'thread') : null,
  ].filter((part) => part !== null);
  return about.length === 0 ? backend : `${backend} (${about.join(', ')})`;
}

function describeLength({ items, settings, updates, done, speed }: TrainPlan): string {
  const perUpdate = settings.batch * settings.steps;
  const passes = ((updates - done) * perUpdate) / items.training;
  const amount = `${counted(updates - done, 'update')}${done > 0 ? ` after ${count(done)} done` : ''}, ${figures(passes)} times through the text`;
  if (speed === null) return amount;
  return `${amount}; about ${duration(((updates - done) * perUpdate) / speed)} at ${count(speed)} ${units[settings.unit].one}s/s`;
}
