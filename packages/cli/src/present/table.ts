import { dim, terminalWidth, wrap } from './format.js';

/** Lines of `name  what it is`, names in a column of their own, long entries continued below themselves. */
export function labelled(rows: readonly (readonly [label: string, value: string])[]): string {
  const column = Math.max(...rows.map(([label]) => label.length)) + 4;
  return rows
    .flatMap(([label, value]) =>
      wrap(value, terminalWidth() - column).map((line, index) => {
        const name = index === 0 ? `  ${label}` : '';
        return dim(name.padEnd(column)) + line;
      }),
    )
    .join('\n');
}

/** How a table is laid out: columns by number. */
export interface TableLayout {
  /** Whose entries end at the right. */
  readonly right?: readonly number[];
  /** Which are shown dimly. */
  readonly dim?: readonly number[];
  /** Whether the first row names the columns. */
  readonly head?: boolean;
}

/** Columns beside each other, two spaces apart. */
export function table(rows: readonly (readonly string[])[], layout: TableLayout = {}): string {
  const { right = [], dim: dimmed = [], head = false } = layout;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) => {
        const width = widths[column] as number;
        const padded = right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
        return dimmed.includes(column) || (head && index === 0) ? dim(padded) : padded;
      });
      return `  ${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}
