import { checkOptions, optionTable, type OptionTable } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import {
  checkNames,
  checkRecord,
  csvError,
  formatKinds,
  parserSettings,
  type CsvFormatOptions,
  type ParsedRecord,
} from './csvFormat.js';
import { csvTable, type CsvTable } from './CsvTable.js';

/** How comma-separated values are written, and what stands for no value. */
export interface CsvOptions extends CsvFormatOptions {
  /** What stands before the decimals of a number; default is a point. */
  readonly decimal?: '.' | ',';
  /** What stands where there is no number; default is nothing, `NA`, `N/A`, `NaN`, `nan` and `null`. */
  readonly missing?: readonly string[];
}

/** Kinds of `CsvOptions`. */
export const csvOptionTable: OptionTable = optionTable<CsvOptions>({
  ...formatKinds,
  decimal: ['.', ','],
  missing: 'array',
});

/**
 * Reads comma-separated values, the names of the columns in the first line: a table whose columns are there as numbers, dates or
 * texts. It runs in pages too, where the text may be that of a file dropped in, `await file.text()`; the reader is loaded with the
 * first call. `readCsvFile(path)` reads a file, and `csvRecords(path)` one that is too large to be held.
 * @throws DataError for lines that are not alike, by their number, and for a text without any.
 */
export async function readCsv(text: string, options: CsvOptions = {}): Promise<CsvTable> {
  checkOptions('readCsv', options, csvOptionTable);
  if (typeof text !== 'string')
    throw new DataError(`readCsv: a text is wanted, but was given ${typeof text}; readCsvFile(path) reads a file.`);
  const { parse } = await import('csv-parse/browser/esm/sync');
  let parsed: readonly ParsedRecord[];
  try {
    parsed = parse(text, parserSettings(options)) as unknown as readonly ParsedRecord[];
  } catch (cause) {
    throw csvError('readCsv', cause);
  }
  const names = checkNames('readCsv', options.names ?? parsed[0]?.record ?? []);
  const rows = options.names === undefined ? parsed.slice(1) : parsed;
  if (rows.length === 0)
    throw new DataError(
      `readCsv: there are no rows${names.length > 0 ? ' below the names of the columns' : ''}.${
        /^\S+\.\w{1,5}$/.test(text) ? ` Is ${JSON.stringify(text)} a file? readCsvFile(path) reads it.` : ''
      }`,
    );
  for (const row of rows) checkRecord('readCsv', names, row);
  const { decimal = '.', missing = ['', 'NA', 'N/A', 'NaN', 'nan', 'null'] } = options;
  return csvTable(
    names,
    rows.map(({ record }) => record),
    Int32Array.from(rows, ({ info }) => info.lines),
    { decimal, missing },
  );
}
