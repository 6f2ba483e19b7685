import { checkOptions, optionTable, type ObjectKind } from '@tempograd/core/backend';
import { byteVocabulary } from './byteVocabulary.js';
import { vocabularyOfCharacters } from './characterVocabulary.js';
import { shown } from '../safetensors/parseJson.js';
import { DataError } from './DataError.js';
import { tokensFromJson, type Tokenizer, type TokenizerVocabularyJson } from './tokens/tokenizerVocabulary.js';
import { wordsFromJson, type WordVocabularyJson } from './words/vocabularyOfWords.js';

/** A vocabulary as JSON, to be stored beside a model. */
export type VocabularyJson =
  | { readonly kind: 'characters'; readonly characters: string; readonly unknown: string | null }
  | { readonly kind: 'bytes' }
  | WordVocabularyJson
  | TokenizerVocabularyJson;

/** Text to numbers in pieces, which may be cut anywhere, inside a character too. */
export interface TextEncoding {
  /** The items of the next piece; what a cut character begins with is held back. */
  push(piece: string | Uint8Array): Int32Array;
  /** What was held back for a piece that never came. */
  end(): Int32Array;
}

/** Numbers to text one by one. */
export interface TextDecoding {
  /** The text complete with this number; empty while a character of several numbers is not. A word comes with the space before it. */
  push(id: number): string;
  /** What remains, with � for an incomplete character. */
  end(): string;
}

/** The items a text is made of, each with its number from 0 on. */
export interface Vocabulary {
  readonly kind: VocabularyJson['kind'];
  /** How many items there are. */
  readonly size: number;
  /** The item to write on from where there is no text yet. */
  readonly start?: number | undefined;
  /** The item that ends a text. */
  readonly end?: number | undefined;
  /** The item that stands for what is not in the vocabulary, and for nothing else; it is never generated. */
  readonly unknown?: number | undefined;
  /** @throws DataError for an item that is not in the vocabulary. */
  encode(text: string): Int32Array;
  /** @throws DataError for a number that no item has. */
  decode(ids: ArrayLike<number>): string;
  /** Encodes a text that comes in pieces. */
  encoding(): TextEncoding;
  /** The text of what comes after these items, which may depend on them: whether a word begins with a space. Default is none. */
  decoding(after?: ArrayLike<number>): TextDecoding;
  toJSON(): VocabularyJson;
}

/** What an option must be that is a vocabulary. */
export const vocabularyKind: ObjectKind = {
  wanted: 'a vocabulary, such as byteVocabulary()',
  members: ['size', 'encode', 'decode'],
};

/** What a description may not hold itself. */
export interface VocabularyFromJsonOptions {
  /** The tokenizer of a vocabulary of tokens: of the same name and size as it was. */
  readonly tokenizer?: Tokenizer | undefined;
}

const fromJsonTable = optionTable<VocabularyFromJsonOptions>({
  tokenizer: { wanted: 'a tokenizer, { name, size, encode, decode }', members: ['name', 'size', 'encode', 'decode'] },
});

/**
 * The vocabulary that `toJSON` described.
 * @throws DataError when it describes none, or one of a tokenizer that is not handed in.
 */
export function vocabularyFromJson(json: VocabularyJson, options: VocabularyFromJsonOptions = {}): Vocabulary {
  checkOptions('vocabularyFromJson', options, fromJsonTable);
  const description: Readonly<Record<string, unknown>> = typeof json === 'object' && json !== null ? { ...json } : {};
  const { kind, characters, unknown = null } = description;
  switch (kind) {
    case 'characters':
      return vocabularyOfCharacters(distinct(characters, unknown), unknown as string | null);
    case 'bytes':
      return byteVocabulary();
    case 'words':
      return wordsFromJson(description);
    case 'tokens':
      return tokensFromJson(description, options.tokenizer);
    default:
      throw new DataError(
        `vocabularyFromJson: there is no vocabulary of kind ${shown(String(kind))}; known are "characters", "bytes", "words" and "tokens".`,
      );
  }
}

function distinct(text: unknown, unknown: unknown): string[] {
  const characters = typeof text === 'string' ? [...text] : [];
  const all = new Set<unknown>(characters);
  if (all.size === 0 || all.size !== characters.length) {
    throw new DataError('vocabularyFromJson: characters must be a text of one character or more, each of them once.');
  }
  if (unknown !== null && !all.has(unknown))
    throw new DataError('vocabularyFromJson: unknown must be one of the characters, or null.');
  return characters;
}
