import { noSpace, WordSplitter } from './WordSplitter.js';
import { DataError } from '../DataError.js';

/** Different items that are counted at once; beyond it the rarest are forgotten. */
const mostDifferent = 500_000;

/** Counts the items of a text, in memory that does not grow with it. */
export class WordCounts {
  /** How often items occurred that were forgotten. */
  forgotten = 0;
  /** A count is changed where it stands: to look an item up twice would take half as long again. */
  readonly #counts = new Map<string, { count: number }>();
  readonly #most: number;
  #rare = 1;

  constructor(most: number = mostDifferent) {
    this.#most = most;
  }

  add(item: string, count: number = 1): void {
    const known = this.#counts.get(item);
    if (known !== undefined) {
      known.count += count;
      return;
    }
    // A part of a text would keep the whole of it in memory; what is put together anew does not.
    this.#counts.set(item.length > 12 ? [...item].join('') : item, { count });
    while (this.#counts.size > this.#most) this.#forget();
  }

  /** How often each item occurred. */
  counts(): Map<string, number> {
    const found = new Map<string, number>();
    for (const [item, { count }] of this.#counts) found.set(item, count);
    return found;
  }

  /** Forgets what has occurred least, more often each time. */
  #forget(): void {
    for (const [item, { count }] of this.#counts) {
      if (count > this.#rare) continue;
      this.#counts.delete(item);
      this.forgotten += count;
    }
    this.#rare++;
  }
}

/** What passes the items of a text on to be counted. */
export function countingSplitter(counts: WordCounts, lowercase: boolean): WordSplitter {
  return new WordSplitter(lowercase ? (item) => counts.add(item.toLowerCase()) : (item) => counts.add(item));
}

/** Counts of a text, or those that are given, each of them of what is cut as a text is. */
export function countWords(given: string | Iterable<readonly [string, number]>, lowercase: boolean): WordCounts {
  const counts = new WordCounts();
  if (typeof given === 'string') {
    const splitter = countingSplitter(counts, lowercase);
    splitter.push(given);
    splitter.end();
    return counts;
  }
  let count = 0;
  const splitter = new WordSplitter((item) => counts.add(lowercase ? item.toLowerCase() : item, count));
  for (const entry of given) {
    const [word, times] = requireCount(entry);
    count = times;
    if (word === noSpace) counts.add(noSpace, count);
    splitter.push(word);
    splitter.end();
  }
  return counts;
}

function requireCount(entry: unknown): readonly [string, number] {
  if (Array.isArray(entry)) {
    const [word, count] = entry as readonly unknown[];
    if (typeof word === 'string' && typeof count === 'number' && count >= 0 && Number.isFinite(count))
      return [word, count];
  }
  throw new DataError(
    `wordVocabulary: frequencies must be pairs of a word and how often it occurs, such as new Map([['whale', 12]]), but one is ${JSON.stringify(entry)}.`,
  );
}
