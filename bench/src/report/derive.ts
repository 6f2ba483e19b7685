import { median, spread, type Spread } from '../measure/statistics.js';
import type { Cell, ColumnResult, ResultFile, RowResult, Slice } from './ResultFile.js';

/** Characters a second in one slice. */
function speedOf({ row }: RowResult, { steps, seconds }: Slice): number {
  return (steps * row.time * row.batch) / seconds;
}

/** Characters a second over the rounds. */
export function speeds(row: RowResult, cell: Cell): Spread {
  return spread(cell.slices.map((slice) => speedOf(row, slice)));
}

/** Attained GFLOP/s, by the flop formula of the file. */
export function gflops({ flopsPerStep }: RowResult, { slices }: Cell): number {
  return median(slices.map(({ steps, seconds }) => (flopsPerStep * steps) / seconds / 1e9));
}

/** Attained GFLOP/s over the product kernel's own right after, by rounds; NaN where that was not timed. */
export function shareOfPeak({ flopsPerStep }: RowResult, { slices }: Cell): number {
  return median(
    slices.flatMap(({ steps, seconds, productGflops }) =>
      productGflops === undefined ? [] : [(flopsPerStep * steps) / seconds / 1e9 / productGflops],
    ),
  );
}

/** How many times as fast a is as b, in each of the rounds that have both. */
export function ratios(row: RowResult, a: Cell, b: Cell): number[] {
  const other = new Map(b.slices.map((slice) => [slice.round, speedOf(row, slice)]));
  return a.slices.flatMap((slice) => {
    const against = other.get(slice.round);
    return against === undefined ? [] : [speedOf(row, slice) / against];
  });
}

/** How many times as fast a is as b: the median over the rounds. */
export function ratio(row: RowResult, a: Cell, b: Cell): number {
  return median(ratios(row, a, b));
}

/** Share of a core that others may take of a slice; processor time is counted in hundredths of a second. */
const othersShare = 0.25;
const countedIn = 0.02;

/** Whether another program, or the machine's host, took so much of the processors that the slice says little. */
export function isDisturbed({ seconds, otherSeconds = 0 }: Slice): boolean {
  return otherSeconds > othersShare * seconds + countedIn;
}

/** The cells that ran, of slices that nothing disturbed; those of which less than half is left are not in. */
export function liveCells({ cells }: RowResult): Cell[] {
  return cells.flatMap((cell) => {
    const slices = cell.slices.filter((slice) => !isDisturbed(slice));
    const enough = slices.length > 0 && 2 * slices.length >= cell.slices.length;
    return cell.skipped === null && enough ? [{ ...cell, slices }] : [];
  });
}

/** The versions of PyTorch in a run, newest first. */
export function pytorchVersions({ columns }: ResultFile): string[] {
  const versions = new Set(columns.flatMap((column) => (column.kind === 'pytorch' ? [pytorchVersion(column)] : [])));
  return [...versions].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

/** Such as `2.6`. */
function pytorchVersion({ facts }: ColumnResult): string {
  return /^\d+\.\d+/.exec(facts.version)?.[0] ?? facts.version;
}

/** PyTorch's cell at the best of its thread settings, of the newest version where none is named. */
export function bestPytorch(
  result: ResultFile,
  row: RowResult,
  version: string | undefined = pytorchVersions(result)[0],
): Cell | null {
  const ofVersion = (column: ColumnResult): boolean => column.kind === 'pytorch' && pytorchVersion(column) === version;
  const settings = new Set(result.columns.filter(ofVersion).map(({ id }) => id));
  const cells = liveCells(row).filter(({ column }) => settings.has(column));
  return fastest(row, cells);
}

/** The cell with the highest median. */
export function fastest(row: RowResult, cells: readonly Cell[]): Cell | null {
  return cells.reduce<Cell | null>(
    (best, cell) => (best === null || speeds(row, cell).median > speeds(row, best).median ? cell : best),
    null,
  );
}

/** Largest difference of a loss that rounding explains, after the first steps. */
const lossTolerance = 2e-5;

/**
 * Columns whose losses differ from the others', so that they do other work: each is compared with PyTorch's, or where that is
 * missing with the first column's. A column that takes no full steps is compared at its first.
 */
export function lossComplaints(result: ResultFile, row: RowResult): string[] {
  // Whatever took the processors meanwhile, losses are what they are.
  const cells = row.cells.filter(({ skipped, losses }) => skipped === null && losses.length > 0);
  const [newest] = pytorchVersions(result);
  const pytorch = result.columns.find((column) => column.kind === 'pytorch' && pytorchVersion(column) === newest);
  const reference = cells.find(({ column }) => column === pytorch?.id) ?? cells[0];
  if (reference === undefined) return [];
  const partial = new Set(result.columns.filter(({ fullStep }) => !fullStep).map(({ id }) => id));
  return cells.flatMap((cell) => {
    if (cell.parameters !== reference.parameters) {
      return [`${cell.column} has ${cell.parameters} parameters, ${reference.column} has ${reference.parameters}`];
    }
    const step = partial.has(cell.column) ? 0 : Math.min(cell.losses.length, reference.losses.length) - 1;
    const [own = NaN, wanted = NaN] = [cell.losses[step], reference.losses[step]];
    return Math.abs(own - wanted) <= lossTolerance * Math.max(1, Math.abs(wanted))
      ? []
      : [`${cell.column} has a loss of ${own} at step ${step + 1}, ${reference.column} has ${wanted}`];
  });
}
