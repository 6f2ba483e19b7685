import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { checkOptions } from '@tempograd/core/backend';
import { parse } from 'csv-parse';
import {
  checkNames,
  checkRecord,
  csvError,
  formatTable,
  parserSettings,
  type CsvFormatOptions,
  type ParsedRecord,
} from '../data/csv/csvFormat.js';

/** The values of a line by the names of their columns. */
export type CsvRecord = Readonly<Record<string, string>>;

/**
 * The lines of a file of comma-separated values, one after the other and from the beginning whenever it is iterated over, so that
 * it may be larger than memory: a source for `sequences`. `read` makes of a line what is wanted of it, and gets its index.
 *
 * `csvRecords('reviews.csv', ({ text, stars }) => ({ inputs: words.encode(text), targets: Number(stars) }))`
 * @throws DataError for a line with more or fewer values than columns, by its number.
 */
export function csvRecords(path: string | URL): AsyncIterable<CsvRecord>;
export function csvRecords<X>(
  path: string | URL,
  read: (record: CsvRecord, index: number) => X,
  options?: CsvFormatOptions,
): AsyncIterable<X>;
export function csvRecords(
  path: string | URL,
  read: (record: CsvRecord, index: number) => unknown = (record) => record,
  options: CsvFormatOptions = {},
): AsyncIterable<unknown> {
  checkOptions('csvRecords', options, formatTable);
  return {
    async *[Symbol.asyncIterator]() {
      const parser = parse({ ...parserSettings(options) });
      // What goes wrong with the file, the parser throws; leaving the loop closes the file.
      pipeline(createReadStream(path), parser, () => undefined);
      let names: readonly string[] | null =
        options.names === undefined ? null : checkNames('csvRecords', options.names);
      let index = 0;
      try {
        for await (const parsed of parser as AsyncIterable<ParsedRecord>) {
          if (names === null) {
            names = checkNames('csvRecords', parsed.record);
            continue;
          }
          checkRecord('csvRecords', names, parsed);
          yield read(Object.fromEntries(names.map((name, at) => [name, parsed.record[at] as string])), index++);
        }
      } catch (cause) {
        throw csvError('csvRecords', cause);
      }
    },
  };
}
