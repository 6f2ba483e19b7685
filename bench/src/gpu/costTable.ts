import { flopsPerStep } from '../grid/cost.js';
import { rowId, type Row } from '../grid/Row.js';
import { figure, textTable } from '../report/textTable.js';
import type { CommandCounts } from './countCommands.js';
import { gpus } from './gpus.js';
import { leastBytes, rooflineSeconds } from './roofline.js';

/** What a step of a row costs apart from the GPU's own time. */
export interface StepCost {
  readonly row: Row;
  readonly counts: CommandCounts;
  /** Seconds of JavaScript: of the quickest step, and in the middle. */
  readonly least: number;
  readonly median: number;
}

/** Costs of steps, and how fast three GPUs could be at best. */
export function costTable(costs: readonly StepCost[]): string {
  const heading = ['a step on webgpu', 'dispatches', 'submissions', 'reads', 'JavaScript µs', 'Mflop', 'MB'];
  const lines = costs.map(({ row, counts, least, median }) => [
    rowId(row),
    ...[counts.dispatches, counts.submissions, counts.readBacks].map(figure),
    `${figure(least * 1e6)} – ${figure(median * 1e6)}`,
    figure(flopsPerStep(row) / 1e6),
    figure(leastBytes(row) / 1e6),
  ]);
  const speeds = costs.map(({ row, counts, median }) => [
    rowId(row),
    ...gpus.map((gpu) => {
      const seconds = rooflineSeconds(row, counts.dispatches, gpu);
      const held = median > seconds ? ' (JavaScript)' : '';
      return `${figure((row.batch * row.time) / Math.max(seconds, median))}${held}`;
    }),
  ]);
  return [
    textTable([heading, ...lines]),
    '  JavaScript: the quickest step and one in the middle, on a device that does nothing; Mflop and MB: the least there can be',
    '',
    textTable([['char/s at best', ...gpus.map(({ name }) => name)], ...speeds]),
    '  the slower of arithmetic and memory at the makers’ figures, and a gap after each dispatch of ' +
      `${gpus.map(({ gap }) => gap).join(', ')} µs; (JavaScript) where that is what holds it up`,
  ].join('\n');
}
