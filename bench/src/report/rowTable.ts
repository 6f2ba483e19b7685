import { bestPytorch, gflops, lossComplaints, ratio, shareOfPeak, speeds } from './derive.js';
import type { ResultFile, RowResult } from './ResultFile.js';
import { figure, percent, textTable } from './textTable.js';

/** What one row showed: a line a column, and complaints about columns that did other work. */
export function rowTable(result: ResultFile, row: RowResult): string {
  const pytorch = bestPytorch(result, row);
  const partial = new Set(result.columns.filter(({ fullStep }) => !fullStep).map(({ id }) => id));
  const single = row.row.time * row.row.batch === 1;
  const heading = ['column', 'char/s', 'min – max', 'rounds', 'GFLOP/s', 'of peak', '× PyTorch', 'peak MiB'];
  if (single) heading.splice(1, 0, 'µs/step');
  const lines = row.cells.map((cell) => {
    const name = `${cell.column}${cell === pytorch ? ' ◂ best' : ''}${partial.has(cell.column) ? ' (no optimiser)' : ''}`;
    if (cell.skipped !== null) return [name, 'skipped'];
    const speed = speeds(row, cell);
    return [
      name,
      ...(single ? [figure(1e6 / speed.median)] : []),
      figure(speed.median),
      `${figure(speed.min)} – ${figure(speed.max)}`,
      String(cell.slices.length),
      figure(gflops(row, cell)),
      percent(shareOfPeak(row, cell)),
      pytorch === null ? '–' : figure(ratio(row, cell, pytorch)),
      cell.peakBytes === null ? '–' : (cell.peakBytes / 2 ** 20).toFixed(0),
    ];
  });
  const notes = [
    ...row.cells.flatMap(({ column, skipped }) => (skipped === null ? [] : [`${column} skipped: ${skipped}`])),
    ...lossComplaints(result, row).map((complaint) => `NOT THE SAME WORK: ${complaint}`),
  ];
  return [`\n${row.id}`, textTable([heading, ...lines]), ...notes.map((note) => `  ${note}`)].join('\n');
}
