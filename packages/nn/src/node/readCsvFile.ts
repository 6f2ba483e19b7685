import { readFile } from 'node:fs/promises';
import { checkOptions } from '@tempograd/core/backend';
import { csvOptionTable } from '../data/csv/readCsv.js';
import { readCsv, type CsvOptions, type CsvTable } from '../data/index.js';

/**
 * Reads a file of comma-separated values as `readCsv` does a text.
 * @throws DataError for lines that are not alike; what the file system says of a file that cannot be read.
 */
export async function readCsvFile(path: string | URL, options: CsvOptions = {}): Promise<CsvTable> {
  checkOptions('readCsvFile', options, csvOptionTable);
  return readCsv(await readFile(path, 'utf8'), options);
}
