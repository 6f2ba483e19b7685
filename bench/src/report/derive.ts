import { median, spread, type Spread } from '../measure/statistics.js';
import type { Cell, ResultFile, RowResult, Slice } from './ResultFile.js';

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

/** The cells that ran. */
export function liveCells({ cells }: RowResult): Cell[] {
  return cells.filter(({ skipped, slices }) => skipped === null && slices.length > 0);
}

/** PyTorch's cell at the best of its thread settings. */
export function bestPytorch(result: ResultFile, row: RowResult): Cell | null {
  const settings = new Set(result.columns.filter(({ kind }) => kind === 'pytorch').map(({ id }) => id));
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
  const cells = liveCells(row);
  const reference = bestPytorch(result, row) ?? cells[0];
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
