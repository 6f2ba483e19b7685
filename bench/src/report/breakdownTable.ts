import { liveCells, shareOfPeak } from './derive.js';
import type { Cell, ResultFile, RowResult } from './ResultFile.js';
import { figure, percent, textTable } from './textTable.js';

/** What the columns of the table mean. */
const legend =
  'products: what the step’s flops take at the speed of the product kernel alone, by rounds; ' +
  'gates: the rest of the recurrent passes and the head; ' +
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

function breakdownLine(row: RowResult, cell: Cell): string[] {
  const { step, parts } = cell.breakdown as NonNullable<Cell['breakdown']>;
  const share = (...names: string[]): number => names.reduce((sum, name) => sum + (parts[name] ?? 0), 0) / step;
  const products = shareOfPeak(row, cell);
  const segments = share('recurrent forward', 'recurrent backward', 'head');
  const gates = Number.isFinite(products) ? segments - products : segments;
  const others = [['embedding'], ['loss'], ['optimiser'], ['other ops', 'memory'], ['overhead']];
  const shares = [products, gates, ...others.map((names) => share(...names))];
  return [`${row.id} ${cell.column}`, figure(step * 1000), ...shares.map(percent)];
}
