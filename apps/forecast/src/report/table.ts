import type { Score } from './score.js';

/** The scores side by side, aligned; the best of each column is marked. */
export function table(scores: readonly Score[], { unit, share }: { unit: string; share: number }): string {
  const best = (of: (score: Score) => number): number => Math.min(...scores.map(of));
  const mark = (score: Score, of: (score: Score) => number, digits: number): string =>
    `${of(score).toFixed(digits)}${of(score) === best(of) ? ' *' : '  '}`;
  const rows = [
    ['', `MAE, ${unit}`, 'MASE', `in the ${Math.round(100 * share)} % band`],
    ...scores.map((score) => [
      score.name,
      mark(score, ({ mae }) => mae, 3),
      mark(score, ({ mase }) => mase, 3),
      score.coverage === null ? '–' : `${(100 * score.coverage).toFixed(1)} %`,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
        )
        .join('  '),
    )
    .join('\n');
}
