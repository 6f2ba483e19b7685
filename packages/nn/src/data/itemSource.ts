import { DataError } from './DataError.js';
import { describe } from './describe.js';
import type { Vocabulary } from './Vocabulary.js';

/** A piece of a text, or of a sequence of numbers already. */
export type TextPiece = string | Uint8Array | readonly number[] | Int32Array;

/** Something that gives a text of unknown length in pieces. It is opened once an epoch: a generator alone can be read once only. */
export type TextSource = AsyncIterable<TextPiece> | (() => AsyncIterable<TextPiece>);

/** The numbers of a text that is there as a whole. */
export function itemsOf(text: string | ArrayLike<number>, vocabulary: Vocabulary | null): Int32Array {
  if (typeof text === 'string') return requireVocabulary(vocabulary).encode(text);
  if (text instanceof Int32Array) return text;
  if (text instanceof Uint8Array && vocabulary !== null) {
    const encoding = vocabulary.encoding();
    return join(encoding.push(text), encoding.end());
  }
  return wholeNumbers(text, 0);
}

/** The numbers of a text as it comes, piece by piece. */
export async function* itemPieces(
  source: TextSource,
  vocabulary: Vocabulary | null,
): AsyncGenerator<Int32Array, void, void> {
  const encoding = vocabulary?.encoding() ?? null;
  let read = 0;
  for await (const piece of typeof source === 'function' ? source() : source) {
    if (typeof piece === 'string' || (piece instanceof Uint8Array && encoding !== null)) {
      requireVocabulary(vocabulary);
      yield (encoding as NonNullable<typeof encoding>).push(piece);
    } else yield piece instanceof Int32Array ? piece : wholeNumbers(piece, read);
    read += piece.length;
  }
  if (encoding !== null) yield encoding.end();
}

/** Items from place `from` on. @throws DataError for what is no whole number of 32 bits: it would be another item, or item 0. */
function wholeNumbers(items: ArrayLike<number>, from: number): Int32Array {
  const whole = new Int32Array(items.length);
  for (let at = 0; at < items.length; at++) {
    const item: unknown = items[at];
    whole[at] = item as number;
    if (whole[at] !== item)
      throw new DataError(
        `Item ${from + at} of the text is ${describe(item)}, but items are whole numbers from 0 to 2³¹ − 1.`,
      );
  }
  return whole;
}

function requireVocabulary(vocabulary: Vocabulary | null): Vocabulary {
  if (vocabulary !== null) return vocabulary;
  throw new DataError(
    'contiguousStreams: a text needs a vocabulary that makes it numbers; pass { vocabulary: characterVocabulary(text) }, wordVocabulary(text), tokenizerVocabulary(…) or byteVocabulary().',
  );
}

function join(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
