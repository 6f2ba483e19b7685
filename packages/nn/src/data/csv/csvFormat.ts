import { optionTable, type OptionKinds, type OptionTable } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { describe } from '../describe.js';

/** How a text of comma-separated values is written. */
export interface CsvFormatOptions {
  /** What stands between two values; default is a comma. */
  readonly delimiter?: string;
  /** Names of the columns, for a text that does not begin with a line of them. */
  readonly names?: readonly string[];
  /** What begins a comment, which lasts until the end of its line; default is that there are none. */
  readonly comment?: string;
}

/** Kinds of `CsvFormatOptions`. */
export const formatKinds: OptionKinds<CsvFormatOptions> = { delimiter: 'string', names: 'array', comment: 'string' };

/** `CsvFormatOptions` by themselves. */
export const formatTable: OptionTable = optionTable<CsvFormatOptions>(formatKinds);

/** A record as the parser gives it, with the line it ends on. */
export interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** What the parser is told. */
export interface ParserSettings {
  readonly bom: true;
  readonly info: true;
  readonly skip_empty_lines: true;
  readonly trim: true;
  readonly relax_column_count: true;
  readonly delimiter: string;
  readonly comment: string | null;
}

/** The settings of the parser for a format. Lines of other lengths are left to `checkRecord`, which names them. */
export function parserSettings({ delimiter = ',', comment }: CsvFormatOptions): ParserSettings {
  return {
    bom: true,
    info: true,
    skip_empty_lines: true,
    trim: true,
    relax_column_count: true,
    delimiter,
    comment: comment ?? null,
  };
}

/** Names of columns. @throws DataError for one that is there twice, or is empty. */
export function checkNames(of: string, names: readonly string[]): readonly string[] {
  for (const [at, name] of names.entries()) {
    if (typeof name !== 'string')
      throw new DataError(`${of}: the name of column ${at} must be a text, but is ${describe(name)}.`);
    if (name === '') throw new DataError(`${of}: column ${at} has no name in the first line; give names: […].`);
    if (names.indexOf(name) !== at)
      throw new DataError(`${of}: two columns are called ${JSON.stringify(name)}; give other names: […].`);
  }
  return names;
}

/** @throws DataError for a record that has not one value for each column. */
export function checkRecord(of: string, names: readonly string[], { record, info }: ParsedRecord): void {
  if (record.length === names.length) return;
  throw new DataError(
    `${of}: line ${info.lines} has ${record.length} ${record.length === 1 ? 'value' : 'values'}, but there are ${names.length} columns: ` +
      `${names.join(', ')}. If the values are not separated as they should be, give { delimiter: ';' } or another.`,
  );
}

/** What the parser could not read, as an error of data. */
export function csvError(of: string, cause: unknown): unknown {
  const { code, lines } = cause as { readonly code?: unknown; readonly lines?: unknown };
  if (!(cause instanceof Error) || typeof code !== 'string' || !code.startsWith('CSV_')) return cause;
  const line = typeof lines === 'number' ? `line ${lines}: ` : '';
  return new DataError(`${of}: ${line}${cause.message}`, { cause });
}
