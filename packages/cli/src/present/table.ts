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
