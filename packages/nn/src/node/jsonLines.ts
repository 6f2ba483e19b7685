import { open } from 'node:fs/promises';
import { DataError } from '../data/index.js';

/**
 * The lines of a file that has a JSON value on each, one after the other and from the beginning whenever it is iterated over, so
 * that it may be larger than memory: a source for `sequences`. Empty lines are passed by. `read` makes of a value what is wanted
 * of it, and gets its index.
 *
 * `jsonLines('reviews.jsonl', ({ text, label }) => ({ inputs: words.encode(text), targets: labels.indexOf(label) }))`
 * @throws DataError for a line that is no JSON, by its number.
 */
export function jsonLines(path: string | URL): AsyncIterable<unknown>;
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a reader may say what it reads.
export function jsonLines<T, X>(path: string | URL, read: (value: T, index: number) => X): AsyncIterable<X>;
export function jsonLines<T>(
  path: string | URL,
  read: (value: T, index: number) => unknown = (value) => value,
): AsyncIterable<unknown> {
  return {
    async *[Symbol.asyncIterator]() {
      const file = await open(path);
      let [index, number] = [0, 0];
      try {
        for await (const line of file.readLines({ encoding: 'utf8' })) {
          number++;
          const text = number === 1 ? line.replace(/^\uFEFF/, '') : line;
          if (text.trim() !== '') yield read(parsed(path, text, number) as T, index++);
        }
      } finally {
        await file.close();
      }
    },
  };
}

function parsed(path: string | URL, line: string, number: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw new DataError(`jsonLines: line ${number} of ${String(path)} is no JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
