import { DataError } from '../DataError.js';
import { shown } from '../../safetensors/parseJson.js';
import { textPieces } from '../textPieces.js';
import { tokenDecoding } from './tokenDecoding.js';
import type { Vocabulary } from '../Vocabulary.js';

/** A tokenizer of your own, or of another package: what makes numbers of a text and text of numbers. */
export interface Tokenizer {
  /** What tells it apart from others: a model is only read again with a tokenizer of the same name and size. */
  readonly name: string;
  /** One more than its greatest number. */
  readonly size: number;
  /** The numbers that a text is made of, without any that begins or ends it. */
  encode(text: string): ArrayLike<number>;
  /** The text of numbers, or its bytes in UTF-8; in a text, � stands for what is no whole character. */
  decode(ids: number[]): string | Uint8Array;
  /** The number that a text begins with, if there is one. */
  readonly start?: number | null;
  /** The number that ends a text, where generation stops, if there is one. */
  readonly end?: number | null;
}

/** A vocabulary of a tokenizer as JSON: says which it was, but does not hold it. */
export interface TokenizerVocabularyJson {
  readonly kind: 'tokens';
  readonly tokenizer: string;
  readonly size: number;
  readonly start: number | null;
  readonly end: number | null;
}

/**
 * The subwords of a tokenizer: any object with `name`, `size`, `encode` and `decode`.
 *
 * A text that comes in pieces is passed on to it in parts that end before the space between two words, which is where
 * tokenizers cut too; 65,536 characters without such a space are passed on as they are.
 * @throws DataError for an object that is no tokenizer; when it is used, for numbers outside its size.
 */
export function tokenizerVocabulary(tokenizer: Tokenizer): Vocabulary {
  requireTokenizer('tokenizerVocabulary', tokenizer);
  return vocabularyOfTokenizer(tokenizer, { start: tokenizer.start ?? null, end: tokenizer.end ?? null });
}

/** The vocabulary of a tokenizer that a file names. @throws DataError where it was not handed in, or is another. */
export function tokensFromJson(json: Readonly<Record<string, unknown>>, tokenizer: Tokenizer | undefined): Vocabulary {
  const { tokenizer: name, size, start, end } = json as unknown as TokenizerVocabularyJson;
  if (typeof name !== 'string' || !Number.isSafeInteger(size) || size < 1)
    throw new DataError('vocabularyFromJson: tokenizer must be a name, and size a whole number ≥ 1.');
  for (const [key, id] of Object.entries({ start, end })) {
    if (id !== null && !isNumberBelow(id, size))
      throw new DataError(`vocabularyFromJson: ${key} must be a number from 0 to ${size - 1}, or null.`);
  }
  if (tokenizer === undefined) {
    throw new DataError(
      `vocabularyFromJson: it was the tokenizer ${shown(name)} of ${size} items, which is not in the file. Hand it in, as the option { tokenizer: { name, size, encode, decode } }.`,
    );
  }
  requireTokenizer('vocabularyFromJson', tokenizer);
  if (tokenizer.name !== name || tokenizer.size !== size) {
    throw new DataError(
      `vocabularyFromJson: it was the tokenizer ${shown(name)} of ${size} items, but the one given is ${shown(tokenizer.name)} of ${tokenizer.size}. ` +
        'With another its numbers would mean another text.',
    );
  }
  return vocabularyOfTokenizer(tokenizer, { start, end });
}

function vocabularyOfTokenizer(
  tokenizer: Tokenizer,
  { start, end }: { readonly start: number | null; readonly end: number | null },
): Vocabulary {
  const { name, size } = tokenizer;
  const requireId = (id: unknown): number => {
    if (isNumberBelow(id, size)) return id;
    throw new DataError(`No item has the number ${String(id)}; the tokenizer ${shown(name)} has 0 to ${size - 1}.`);
  };
  const encode = (text: string): Int32Array => {
    if (text === '') return new Int32Array(0);
    const given: unknown = tokenizer.encode(text);
    if (typeof given !== 'object' || given === null || !('length' in given)) {
      const what =
        given instanceof Promise ? 'a promise' : given === null ? 'null' : `${typeof given} without a length`;
      throw new DataError(`encode of the tokenizer ${shown(name)} must give numbers, but gave ${what}.`);
    }
    return Int32Array.from(given as ArrayLike<unknown>, (id) => {
      if (isNumberBelow(id, size)) return id;
      throw new DataError(
        `The tokenizer ${shown(name)} gave ${String(id)} for a text, but its size says that its numbers are 0 to ${size - 1}. Give its size right.`,
      );
    });
  };
  const decodeAll = (ids: ArrayLike<number>): string | Uint8Array => {
    const given: unknown = tokenizer.decode(Array.from(ids, requireId));
    if (typeof given === 'string' || given instanceof Uint8Array) return given;
    throw new DataError(
      `decode of the tokenizer ${shown(name)} must give a text or its bytes, but gave ${given === null ? 'null' : typeof given}.`,
    );
  };
  return {
    kind: 'tokens',
    size,
    start: start ?? undefined,
    end: end ?? undefined,
    encode,
    decode(ids) {
      const given = decodeAll(ids);
      return typeof given === 'string' ? given : new TextDecoder('utf-8', { ignoreBOM: true }).decode(given);
    },
    encoding() {
      const pieces = textPieces();
      let held = '';
      return {
        push(piece) {
          const seen = held.length;
          held += pieces.push(piece);
          const cut = lastCut(held, Math.max(0, seen - 2));
          const text = held.slice(0, cut);
          held = held.slice(cut);
          return encode(text);
        },
        end() {
          const text = held + pieces.end();
          held = '';
          return encode(text);
        },
      };
    },
    decoding: (after = []) => tokenDecoding(decodeAll, after),
    toJSON: () => ({ kind: 'tokens', tokenizer: name, size, start, end }),
  };
}

/** Code units without a place to cut that are held, at most. */
const longest = 1 << 16;

const betweenWords = /^[\p{L}\p{N}] \p{L}/u;

/** The last place after `from` where a text can be cut, after a word and before the space that the next begins with; 0 where there is none. */
function lastCut(text: string, from: number): number {
  for (let at = text.lastIndexOf(' '); at > from; at = text.lastIndexOf(' ', at - 1)) {
    const before = isLowSurrogate(text, at - 1) ? at - 2 : at - 1;
    if (betweenWords.test(text.slice(before, at + 3))) return at;
  }
  return text.length > longest ? text.length : 0;
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code < 0xe000;
}

function isNumberBelow(id: unknown, size: number): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < size;
}

function requireTokenizer(caller: string, given: unknown): asserts given is Tokenizer {
  const { name, size, encode, decode, start, end }: Partial<Record<keyof Tokenizer, unknown>> =
    typeof given === 'object' && given !== null ? given : {};
  const wrong =
    typeof name !== 'string' || name === ''
      ? 'name must be a text that tells it apart'
      : !Number.isSafeInteger(size) || (size as number) < 1 || (size as number) > 0x7fffffff
        ? `size must be a whole number ≥ 1, but is ${String(size)}`
        : typeof encode !== 'function' || typeof decode !== 'function'
          ? 'encode and decode must be functions'
          : [start, end].some((id) => id !== undefined && id !== null && !isNumberBelow(id, size as number))
            ? `start and end must be numbers from 0 to ${(size as number) - 1}`
            : null;
  if (wrong !== null) throw new DataError(`${caller}: a tokenizer is { name, size, encode, decode }, but ${wrong}.`);
}
