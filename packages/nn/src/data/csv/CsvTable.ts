import { DataError } from '../DataError.js';

/** What was read from comma-separated values: columns by name, each as whatever is asked for. */
export interface CsvTable {
  readonly names: readonly string[];
  /** How many rows there are. */
  readonly rows: number;
  /** A column as it is written. */
  texts(name: string): string[];
  /** A column of numbers; NaN where nothing stands. @throws DataError for what is no number, by column and line. */
  numbers(name: string): Float64Array;
  /** Several columns of numbers, a series by name. */
  columns<const N extends string>(names: readonly N[]): { readonly [K in N]: Float64Array };
  /**
   * A column of dates, in milliseconds since 1970. `2024-01-31`, with a time or without, is in UTC unless it says otherwise; `read`
   * makes a time of anything else. @throws DataError for what is no date, by column and line.
   */
  dates(name: string, read?: (text: string) => number | Date): Float64Array;
}

/** What of a table is not in its text. */
export interface TableSettings {
  readonly decimal: string;
  readonly missing: readonly string[];
}

/** A table of records, each with the line it ends on. */
export function csvTable(
  names: readonly string[],
  records: readonly (readonly string[])[],
  lines: Int32Array,
  { decimal, missing }: TableSettings,
): CsvTable {
  const texts = (name: string): string[] => {
    const at = names.indexOf(name);
    if (at !== -1) return records.map((record) => record[at] as string);
    throw new DataError(
      `readCsv: there is no column ${JSON.stringify(name)}; there are ${names.map((each) => JSON.stringify(each)).join(', ')}.`,
    );
  };
  const refuse = (name: string, row: number, text: string, wanted: string): never => {
    throw new DataError(
      `readCsv: column ${JSON.stringify(name)}, line ${lines[row]}: ${JSON.stringify(text)} is ${wanted}`,
    );
  };
  const none = new Set(missing);
  const numbers = (name: string): Float64Array =>
    Float64Array.from(texts(name), (text, row) => {
      if (none.has(text)) return Number.NaN;
      const plain = decimal === '.' ? text : text.replace('.', '?').replace(decimal, '.');
      return number.test(plain) && Number.isFinite(Number(plain))
        ? Number(plain)
        : refuse(name, row, text, "no number. Where it stands for nothing, give it in missing: ['', …].");
    });
  return {
    names,
    rows: records.length,
    texts,
    numbers,
    columns: <const N extends string>(wanted: readonly N[]) =>
      Object.fromEntries(wanted.map((name) => [name, numbers(name)])) as { [K in N]: Float64Array },
    dates: (name, read = isoDate) =>
      Float64Array.from(texts(name), (text, row) => {
        const time = Number(read(text));
        return Number.isFinite(time)
          ? time
          : refuse(
              name,
              row,
              text,
              'no date such as 2024-01-31 or 2024-01-31T12:30; give dates(name, read) a function that reads it.',
            );
      }),
  };
}

const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

const iso = /^(\d{4})[-/](\d\d?)(?:[-/](\d\d?))?(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/;

/** A date in ISO's order, in UTC where no zone stands; NaN for any other. */
function isoDate(text: string): number {
  const match = iso.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month = '', day = '1', time = '00:00', zone = 'Z'] = match as (string | undefined)[];
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = Date.parse(`${date}T${time}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`);
  // Some engines let 30 February pass as a day of March.
  return new Date(Date.parse(`${date}T00:00Z`)).getUTCDate() === Number(day) ? at : Number.NaN;
}
