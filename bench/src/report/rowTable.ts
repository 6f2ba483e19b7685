import {
  bestPytorch,
  gflops,
  isDisturbed,
  liveCells,
  lossComplaints,
  pytorchVersions,
  ratio,
  shareOfPeak,
  speeds,
} from './derive.js';
import type { Cell, ResultFile, RowResult } from './ResultFile.js';
import { figure, percent, textTable } from './textTable.js';

/** What one row showed: a line a column, and complaints about columns that did other work. */
export function rowTable(result: ResultFile, row: RowResult): string {
  const versions = pytorchVersions(result);
  const best = versions.map((version) => bestPytorch(result, row, version));
  const isBest = (cell: Cell): boolean => best.some((each) => each?.column === cell.column);
  const partial = new Set(result.columns.filter(({ fullStep }) => !fullStep).map(({ id }) => id));
  const live = new Map(liveCells(row).map((cell) => [cell.column, cell]));
  const single = row.row.time * row.row.batch === 1;
  const against = versions.length === 0 ? ['× PyTorch'] : versions.map((version) => `× PyTorch ${version}`);
  const heading = ['column', 'char/s', 'min – max', 'rounds', 'GFLOP/s', 'of peak', ...against, 'peak MiB'];
  if (single) heading.splice(1, 0, 'µs/step');
  const lines = row.cells.map(({ column, skipped }) => {
    const cell = live.get(column);
    if (cell === undefined) return [column, skipped === null ? 'disturbed' : 'skipped'];
    const name = `${column}${isBest(cell) ? ' ◂ best' : ''}${partial.has(column) ? ' (no optimiser)' : ''}`;
    const speed = speeds(row, cell);
    return [
      name,
      ...(single ? [figure(1e6 / speed.median)] : []),
      figure(speed.median),
      `${figure(speed.min)} – ${figure(speed.max)}`,
      String(cell.slices.length),
      figure(gflops(row, cell)),
      percent(shareOfPeak(row, cell)),
      ...(best.length === 0 ? ['–'] : best.map((other) => (other === null ? '–' : figure(ratio(row, cell, other))))),
      cell.peakBytes === null ? '–' : (cell.peakBytes / 2 ** 20).toFixed(0),
    ];
  });
  const notes = [
    ...row.cells.flatMap(({ column, skipped }) => (skipped === null ? [] : [`${column} skipped: ${skipped}`])),
    ...disturbance(row),
    ...lossComplaints(result, row).map((complaint) => `NOT THE SAME WORK: ${complaint}`),
  ];
  return [`\n${row.id}`, textTable([heading, ...lines]), ...notes.map((note) => `  ${note}`)].join('\n');
}

/** What another program took of the row, in words. */
function disturbance({ cells }: RowResult): string[] {
  const slices = cells.flatMap((cell) => cell.slices);
  const disturbed = slices.filter(isDisturbed);
  if (disturbed.length === 0) return [];
  const total = (of: readonly (number | undefined)[]): number => of.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const cores =
    total(disturbed.map(({ otherSeconds }) => otherSeconds)) / total(disturbed.map(({ seconds }) => seconds));
  return [
    `DISTURBED: other programs took ${figure(cores)} of a core in ${disturbed.length} of ${slices.length} slices, which do not count`,
  ];
}
