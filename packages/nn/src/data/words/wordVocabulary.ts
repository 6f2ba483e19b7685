import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError } from '../DataError.js';
import { shown } from '../../safetensors/parseJson.js';
import { textPieces } from '../textPieces.js';
import { countingSplitter, countWords, WordCounts } from './WordCounts.js';
import { vocabularyOfWords, type WordVocabulary } from './vocabularyOfWords.js';
import { noSpace, wordsOf } from './WordSplitter.js';

/** Which words a vocabulary has. */
export interface WordVocabularyOptions {
  /** Items at most, those that are no words among them: the most frequent words are kept. Default is all of them. */
  readonly size?: number;
  /** Words that occur less often are unknown. Default is 1; with 2 the model learns what to expect after an unknown word. */
  readonly minCount?: number;
  /** The item that stands for every word that is not in the vocabulary; null refuses such words. Default is `<unk>`. */
  readonly unknown?: string | null;
  /** An item that ends a text, such as `<end>`: a text has it where this stands in it, and `generate` stops at it. Default is none. */
  readonly end?: string | null;
  /** Whether words that differ in capitals are the same. Default is false. */
  readonly lowercase?: boolean;
}

const wordTable = optionTable<WordVocabularyOptions>({
  size: 'number',
  minCount: 'number',
  unknown: 'string or null',
  end: 'string or null',
  lowercase: 'boolean',
});

/**
 * The words of a text, the most frequent first, or those of frequencies that were counted elsewhere.
 *
 * An item is a word (letters, marks and digits of any script, with `'` or `’` between them; a number with `.` or `,` in it), a name in
 * angle brackets such as `<unk>`, a picture, or any other character with its marks: each mark of punctuation, each character of Chinese,
 * Japanese and other scripts without spaces, each line break. The one space between two words, after a comma or before a bracket is taken
 * for granted; white space that is otherwise is an item, and where a space is missing the empty item says so. So a text of
 * known words comes back as it was, to the last space. An unknown word comes back as the unknown item.
 * @throws DataError for an empty text, or one without a word that occurs often enough.
 */
export function wordVocabulary(
  source: string | Iterable<readonly [word: string, count: number]>,
  options: WordVocabularyOptions = {},
): WordVocabulary {
  checkOptions('wordVocabulary', options, wordTable);
  requireSource(source);
  return chosenOf('wordVocabulary', countWords(source, options.lowercase ?? false), options);
}

/**
 * As `wordVocabulary`, of a text that comes in pieces, such as `textFile(path)`; holds none of it. Where more than half a million words
 * differ, those that were rarest on the way are counted as unknown.
 */
export async function wordVocabularyFrom(
  source: AsyncIterable<string | Uint8Array>,
  options: WordVocabularyOptions = {},
): Promise<WordVocabulary> {
  checkOptions('wordVocabularyFrom', options, wordTable);
  const counts = new WordCounts();
  const splitter = countingSplitter(counts, options.lowercase ?? false);
  const pieces = textPieces();
  for await (const piece of source) splitter.push(pieces.push(piece));
  splitter.push(pieces.end());
  splitter.end();
  return chosenOf('wordVocabularyFrom', counts, options);
}

function chosenOf(
  name: string,
  counted: WordCounts,
  { size = Infinity, minCount = 1, unknown = '<unk>', end = null, lowercase = false }: WordVocabularyOptions,
): WordVocabulary {
  const counts = counted.counts();
  if (counts.size === 0)
    throw new DataError(`${name}: a vocabulary cannot be made of an empty text; it needs one word.`);
  const special = new Set([...[unknown, end].filter((each) => each !== null), noSpace, ' ']);
  requireSpecial(name, { unknown, end });
  if (!(size === Infinity || Number.isSafeInteger(size)) || size <= special.size) {
    throw new DataError(
      `${name}: size must be a whole number > ${special.size}, of which ${special.size} are no words (${[...special].map((each) => JSON.stringify(each)).join(', ')}), but is ${size}.`,
    );
  }
  if (!(minCount >= 0)) throw new DataError(`${name}: minCount must be a number ≥ 0, but is ${minCount}.`);
  const often = [...counts].filter(([word, count]) => count >= minCount && !special.has(word));
  const words = often.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, size - special.size);
  if (words.length === 0) {
    throw new DataError(
      `${name}: no word occurs ${minCount} times in the text, so that the vocabulary would have none. Give a smaller minCount, or a longer text.`,
    );
  }
  const kept = [...[...special].map((each) => [each, counts.get(each) ?? 0] as const), ...words];
  let rest = counted.forgotten;
  for (const count of counts.values()) rest += count;
  for (const [, count] of kept) rest -= count;
  return vocabularyOfWords({
    words: kept.map(([word]) => word),
    counts: kept.map(([word, count]) => (word === unknown ? count + rest : count)),
    unknown,
    end,
    lowercase,
  });
}

function requireSource(source: unknown): void {
  if (typeof source === 'string' || (typeof source === 'object' && source !== null && Symbol.iterator in source))
    return;
  const given = typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
  throw new DataError(
    `wordVocabulary: it is made of a text or of frequencies, such as new Map([['whale', 12]])${given ? '; a text that comes in pieces is for wordVocabularyFrom' : ''}.`,
  );
}

function requireSpecial(name: string, special: { readonly unknown: string | null; readonly end: string | null }): void {
  for (const [option, item] of Object.entries(special)) {
    if (item === null || (wordsOf(item).length === 1 && item.trim() !== '')) continue;
    throw new DataError(
      `${name}: ${option} must be one item of a text, such as '<${option}>', but ${shown(item)} is cut into ${wordsOf(item).length}.`,
    );
  }
  if (special.unknown !== null && special.unknown === special.end)
    throw new DataError(`${name}: unknown and end must be different items, but both are ${shown(special.end)}.`);
}
