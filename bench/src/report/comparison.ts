import { bestPytorch, liveCells, ratio, speeds } from './derive.js';
import type { Cell, ResultFile, RowResult } from './ResultFile.js';
import { figure, textTable } from './textTable.js';

/** A run beside an earlier one: speeds, and, since machines differ from day to day, also the ratio to PyTorch's best of each run. */
export function comparison(now: ResultFile, before: ResultFile): string {
  const [vectors, vectorsThen] = [now.machine.vectors, before.machine.vectors];
  if (vectors !== undefined && vectorsThen !== undefined && vectors !== vectorsThen)
    return `\nThe earlier run is of a machine with ${vectorsThen}, this one of a machine with ${vectors}: they are not compared.`;
  const lines = now.rows.flatMap((row) => {
    const former = before.rows.find(({ id }) => id === row.id);
    if (former === undefined) return [];
    return liveCells(row).flatMap((cell) => {
      const old = liveCells(former).find(({ column }) => column === cell.column);
      if (old === undefined) return [];
      const [speed, oldSpeed] = [speeds(row, cell).median, speeds(former, old).median];
      const [relative, oldRelative] = [toPytorch(now, row, cell), toPytorch(before, former, old)];
      return [
        [
          `${row.id} ${cell.column}`,
          figure(oldSpeed),
          figure(speed),
          figure(speed / oldSpeed),
          figure(oldRelative),
          figure(relative),
          figure(relative / oldRelative),
        ],
      ];
    });
  });
  if (lines.length === 0) return '\nThe two runs have no row and column in common.';
  const heading = ['compared with the earlier run', 'char/s then', 'now', 'factor', '× PyTorch then', 'now', 'factor'];
  return `\n${textTable([heading, ...lines])}\n  then: ${before.date}${before.commit === null ? '' : `, commit ${before.commit}`}`;
}

function toPytorch(result: ResultFile, row: RowResult, cell: Cell): number {
  const best = bestPytorch(result, row);
  return best === null ? NaN : ratio(row, cell, best);
}
