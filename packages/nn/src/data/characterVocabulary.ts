import { checkOptions, optionTable } from '@tempograd/core/backend';
import { DataError } from './DataError.js';
import { textPieces } from './textPieces.js';
import type { Vocabulary } from './Vocabulary.js';

/** What to do with characters that a vocabulary does not have. */
export interface CharacterVocabularyOptions {
  /** One character, added to the vocabulary, that stands for every character not in it; default is to refuse them. */
  readonly unknown?: string | null;
}

const vocabularyTable = optionTable<CharacterVocabularyOptions>({ unknown: 'string or null' });

/**
 * The distinct characters (code points) of a text, in the order of their code points.
 * @throws DataError for an empty text.
 */
export function characterVocabulary(text: string, options: CharacterVocabularyOptions = {}): Vocabulary {
  checkOptions('characterVocabulary', options, vocabularyTable);
  return vocabularyOfCharacters(sortedCharacters(new Set(text), options), options.unknown ?? null);
}

/** As `characterVocabulary`, of a text that comes in pieces, such as `textFile(path)`; holds none of it. */
export async function characterVocabularyFrom(
  source: AsyncIterable<string | Uint8Array>,
  options: CharacterVocabularyOptions = {},
): Promise<Vocabulary> {
  checkOptions('characterVocabularyFrom', options, vocabularyTable);
  const seen = new Set<string>();
  const pieces = textPieces();
  const see = (text: string): void => {
    for (const character of text) seen.add(character);
  };
  for await (const piece of source) see(pieces.push(piece));
  see(pieces.end());
  return vocabularyOfCharacters(sortedCharacters(seen, options), options.unknown ?? null);
}

/** The vocabulary with these characters in this order. */
export function vocabularyOfCharacters(characters: readonly string[], unknown: string | null): Vocabulary {
  const numbers = new Map(characters.map((character, id) => [character, id]));
  const numberOf = (character: string): number => {
    const id = numbers.get(character) ?? (unknown === null ? undefined : numbers.get(unknown));
    if (id !== undefined) return id;
    throw new DataError(
      `The character ${describe(character)} is not among the ${characters.length} of the vocabulary. ` +
        "Leave it out, make the vocabulary of a text that has it, or give the vocabulary an `unknown` character, such as '�'.",
    );
  };
  const characterOf = (id: number): string => {
    const character = characters[id];
    if (character !== undefined) return character;
    throw new DataError(`No character has the number ${id}; the vocabulary has 0 to ${characters.length - 1}.`);
  };
  const encode = (text: string): Int32Array => {
    const ids = new Int32Array(text.length);
    let count = 0;
    for (const character of text) ids[count++] = numberOf(character);
    return count === text.length ? ids : ids.slice(0, count);
  };
  return {
    kind: 'characters',
    size: characters.length,
    encode,
    decode: (ids) => Array.from(ids, characterOf).join(''),
    encoding() {
      const pieces = textPieces();
      return { push: (piece) => encode(pieces.push(piece)), end: () => encode(pieces.end()) };
    },
    decoding: () => ({ push: characterOf, end: () => '' }),
    toJSON: () => ({ kind: 'characters', characters: characters.join(''), unknown }),
  };
}

function sortedCharacters(seen: Set<string>, { unknown = null }: CharacterVocabularyOptions): string[] {
  if (seen.size === 0) throw new DataError('A vocabulary cannot be made of an empty text; it needs one character.');
  if (unknown !== null && [...unknown].length !== 1)
    throw new DataError(`The unknown character must be one character, but is ${JSON.stringify(unknown)}.`);
  if (unknown !== null) seen.add(unknown);
  return [...seen].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number));
}

function describe(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
  return `${JSON.stringify(character)} (U+${code})`;
}
