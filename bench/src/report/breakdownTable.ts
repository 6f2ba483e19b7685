import { median } from '../measure/statistics.js';
import { liveCells } from './derive.js';
import type { Cell, ResultFile, RowResult } from './ResultFile.js';
import { figure, percent, textTable } from './textTable.js';

/** What the columns of the table mean. */
const legend =
  'products: the step’s flops at the speed of the product kernel alone; gates: the rest of the recurrent passes and the head; ' +
  'overhead: everything between the backend’s ops';

/** Where a step's time goes in this library's columns; empty where that was not measured. */
export function breakdownTable(result: ResultFile): string {
  const lines = result.rows.flatMap((row) =>
    liveCells(row).flatMap((cell) => (cell.breakdown === null ? [] : [breakdownLine(row, cell)])),
  );
  if (lines.length === 0) return '';
  const heading = [
    'where a step goes',
    'ms',
    'products',
    'gates',
    'embedding',
    'loss',
    'optimiser',
    'other',
    'overhead',
  ];
  return `\n${textTable([heading, ...lines])}\n  ${legend}`;
}

function breakdownLine(row: RowResult, { column, slices, breakdown }: Cell): string[] {
  const { step, parts } = breakdown as NonNullable<Cell['breakdown']>;
  const part = (...names: string[]): number => names.reduce((sum, name) => sum + (parts[name] ?? 0), 0);
  const peak = median(slices.flatMap(({ productGflops }) => productGflops ?? []));
  const products = row.flopsPerStep / peak / 1e9;
  const segments = part('recurrent forward', 'recurrent backward', 'head');
  const gates = Number.isFinite(products) ? segments - products : segments;
  const shares = [products, gates, part('embedding'), part('loss'), part('optimiser')];
  const rest = [part('other ops', 'memory'), part('overhead')];
  return [
    `${row.id} ${column}`,
    figure(step * 1000),
    ...[...shares, ...rest].map((seconds) => percent(seconds / step)),
  ];
}
