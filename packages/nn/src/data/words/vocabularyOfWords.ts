import { DataError } from '../DataError.js';
import { Ids } from './Ids.js';
import { shown } from '../../safetensors/parseJson.js';
import { textPieces } from '../textPieces.js';
import type { TextDecoding, Vocabulary } from '../Vocabulary.js';
import { spaced, spacingOf, spacings, type Spacing } from './wordSpacing.js';
import { WordSplitter } from './WordSplitter.js';

/** A vocabulary of words as JSON. */
export interface WordVocabularyJson {
  readonly kind: 'words';
  readonly words: readonly string[];
  readonly counts: readonly number[];
  readonly unknown: string | null;
  readonly end: string | null;
  readonly lowercase: boolean;
}

/** A vocabulary whose items are words, punctuation, and what is unusual in the white space between them. */
export interface WordVocabulary extends Vocabulary {
  readonly kind: 'words';
  /** Its items in the order of their numbers; the empty one says that there is no space. */
  readonly words: readonly string[];
  /** How often each item occurred in what the vocabulary was made of; the unknown item, how often all that is not in it. */
  readonly frequencies: ReadonlyMap<string, number>;
  /** The number of one item, or that of the unknown item. @throws DataError where there is none. */
  numberOf(word: string): number;
  toJSON(): WordVocabularyJson;
}

/** The vocabulary with these words in this order. */
export function vocabularyOfWords(json: Omit<WordVocabularyJson, 'kind'>): WordVocabulary {
  const { words, counts, unknown, end, lowercase } = json;
  const numbers = new Map(words.map((word, id) => [word, id]));
  const spacing = words.map(spacingOf);
  const unknownId = unknown === null ? undefined : numbers.get(unknown);
  const endId = end === null ? undefined : numbers.get(end);
  const numberOf = (item: string): number => {
    const id = numbers.get(lowercase ? item.toLowerCase() : item) ?? unknownId;
    if (id !== undefined) return id;
    throw new DataError(
      `The word ${shown(item)} is not among the ${words.length} items of the vocabulary. ` +
        "Leave it out, make the vocabulary of a text that has it, or give the vocabulary an `unknown` item, such as '<unk>'.",
    );
  };
  const into = (ids: Ids): WordSplitter => new WordSplitter((item) => ids.push(numberOf(item)));
  const decoding = (after: ArrayLike<number> = []): TextDecoding => {
    const last = after.length === 0 ? undefined : (after[after.length - 1] as number);
    let before: Spacing = last === undefined ? spacings.none : (spacing[requireNumber(words, last)] as Spacing);
    return {
      push(id) {
        const own = spacing[requireNumber(words, id)] as Spacing;
        const text = spaced(before, own) ? ` ${words[id]}` : (words[id] as string);
        before = own;
        return text;
      },
      end: () => '',
    };
  };
  const firstWord = words.findIndex((_, id) => id !== unknownId && spacing[id] === spacings.word);
  return {
    kind: 'words',
    size: words.length,
    start: endId ?? numbers.get('\n') ?? Math.max(0, firstWord),
    end: endId,
    unknown: unknownId,
    words,
    frequencies: new Map(words.map((word, id) => [word, counts[id] as number])),
    numberOf,
    encode(text) {
      const ids = new Ids(text.length >> 2);
      const splitter = into(ids);
      splitter.push(text);
      splitter.end();
      return ids.take();
    },
    decode(ids) {
      const { push } = decoding();
      return Array.from(ids, push).join('');
    },
    encoding() {
      const ids = new Ids(0);
      const splitter = into(ids);
      const pieces = textPieces();
      return {
        push(piece) {
          splitter.push(pieces.push(piece));
          return ids.take();
        },
        end() {
          splitter.push(pieces.end());
          splitter.end();
          return ids.take();
        },
      };
    },
    decoding,
    toJSON: () => ({ kind: 'words', words, counts, unknown, end, lowercase }),
  };
}

/** The number, where an item has it. */
function requireNumber(words: readonly string[], id: number): number {
  if (words[id] !== undefined) return id;
  throw new DataError(`No word has the number ${id}; the vocabulary has 0 to ${words.length - 1}.`);
}

/** The vocabulary of words that a file describes. @throws DataError when it describes none. */
export function wordsFromJson(json: Readonly<Record<string, unknown>>): WordVocabulary {
  const { words, counts, unknown, end, lowercase } = json;
  const refuse = (what: string): never => {
    throw new DataError(`vocabularyFromJson: ${what}`);
  };
  const isList = (list: unknown, holds: (each: unknown) => boolean): boolean =>
    Array.isArray(list) && list.every(holds);
  if (!isList(words, (word) => typeof word === 'string') || (words as string[]).length === 0)
    refuse('words must be a list of one text or more.');
  const list = words as string[];
  const all = new Set<unknown>(list);
  if (all.size !== list.length) refuse('words must be a list in which each stands once.');
  if (
    !isList(counts, (count) => Number.isFinite(count) && (count as number) >= 0) ||
    (counts as number[]).length !== list.length
  )
    refuse('counts must be a list of one number ≥ 0 for each word.');
  for (const [name, item] of Object.entries({ unknown, end })) {
    if (item !== null && !all.has(item)) refuse(`${name} must be one of the words, or null.`);
  }
  if (typeof lowercase !== 'boolean') refuse('lowercase must be true or false.');
  return vocabularyOfWords(json as unknown as WordVocabularyJson);
}
