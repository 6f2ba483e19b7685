/** Rows of text in columns: the first aligned left, the others right. The first row is the heading. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => [...(row[at] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    widths
      .map((width, at) => (at === 0 ? pad(row[at], width, false) : pad(row[at], width, true)))
      .join('  ')
      .trimEnd();
  const [heading = [], ...body] = rows;
  return [line(heading), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}

function pad(text = '', width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - [...text].length));
  return right ? space + text : text + space;
}

/** Three significant figures, with thousands marked; a dash for what is not known. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);
}

/** A share as a whole number of percent. */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(0)} %` : '–';
}
