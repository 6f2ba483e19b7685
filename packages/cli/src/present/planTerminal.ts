import type { MemoryUse } from '@tempograd/nn';
import type { ComparedPlan } from '../planning/comparePlans.js';
import type { PlannedTraining } from '../planning/PlannedTraining.js';
import { units } from '../text/unit.js';
import { describeRecurrence } from './describeRecurrence.js';
import { bold, bytes, count, counted, dim, duration, figures } from './format.js';
import { labelled, table } from './table.js';

const meanings: Readonly<Record<MemoryUse, string>> = {
  parameters: 'the model',
  optimiser: "Adam's two averages of each",
  kept: 'copies of parameters',
  data: 'the chunk at hand',
  carried: 'the state, from update to update',
  recurrence: 'gates and states of all steps, for the way back',
  loss: 'logits, and their gradient',
  backward: 'gradients, and what is on its way',
  scratch: 'what layers work with',
  update: 'what the update works with',
};

/** What a training would take, for people. */
export function describePlanned(planned: PlannedTraining): string {
  const { settings, text, items, vocabulary, parameters, backend, chosen } = planned;
  const { unit, cell, hidden, layers, batch, steps } = settings;
  const { one } = units[unit];
  const rows: [string, string][] = [
    ['text', `${text}: ${count(items)} ${one}s to train on, ${count(vocabulary)} different ones`],
    ['model', `${describeRecurrence(cell, layers, hidden)}: ${count(parameters)} parameters`],
    ['training', `${counted(batch, 'stream')} side by side, an update every ${steps} steps, on ${backend}`],
    ['memory', `${bytes(chosen.memory.peakBytes)} at the highest`],
    ['time', describeTime(planned)],
  ];
  const parts = Object.entries(chosen.memory.parts).sort(([, a], [, b]) => b - a);
  const shown = parts.filter(([, value]) => value > 0);
  const byPart = shown.map(([use, value]) => [use, bytes(value), meanings[use as MemoryUse]]);
  return [
    bold(`Plan of a training of a ${one} model`),
    labelled(rows),
    bold('Memory, by what it is for'),
    table(byPart, { right: [1], dim: [2] }),
    bold('Beside other lengths'),
    comparison(planned),
    dim(
      [
        '  Chunks look back as far as they are long, windows beyond the update before.',
        '  Checkpoints run steps again instead of holding them: the same gradient.',
      ].join('\n'),
    ),
  ].join('\n\n');
}

function describeTime({ settings, minutes, updates, items, chosen: { speed } }: PlannedTraining): string {
  const { batch, steps, unit } = settings;
  const perUpdate = batch * steps;
  const { one } = units[unit];
  if (speed === null) return updates === null ? 'not measured' : `${counted(updates, 'update')}; not measured`;
  const rate = `${count(speed)} ${one}s a second`;
  const inAll = updates ?? Math.round((speed * 60 * (minutes as number)) / perUpdate);
  const took = duration((inAll * perUpdate) / speed);
  return `${rate}: ${counted(inAll, 'update')}, ${figures((inAll * perUpdate) / items)} times through the text, in about ${took}`;
}

function comparison({ settings, items, chosen, others }: PlannedTraining): string {
  const measured = chosen.speed !== null;
  const head = [
    '',
    'update every',
    'steps back',
    'memory',
    ...(measured ? [`${units[settings.unit].one}s/s`, 'once through'] : []),
    '',
  ];
  const rowOf = (plan: ComparedPlan, mark: string): string[] => {
    const { strategy, memory, speed } = plan;
    const { updateEvery, backwardSteps = updateEvery, checkpoints } = strategy;
    return [
      mark,
      count(updateEvery),
      count(backwardSteps),
      bytes(memory.peakBytes),
      ...(speed === null ? [] : [count(speed), items < speed ? 'under 1 s' : duration(items / speed)]),
      checkpoints === undefined ? '' : 'checkpoints',
    ];
  };
  const rows = [head, rowOf(chosen, '→'), ...others.map((plan) => rowOf(plan, ''))];
  return table(rows, { right: measured ? [1, 2, 3, 4, 5] : [1, 2, 3], head: true });
}
