import { createHash } from 'node:crypto';
import {
  byteVocabulary,
  characterVocabulary,
  contiguousStreams,
  sliceItems,
  type DataSource,
  type RandomAccessItems,
  type StreamStretch,
  wordVocabulary,
  type Vocabulary,
  type WordVocabulary,
} from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { countedItems, units } from '../text/unit.js';
import { fingerprintOf, type Text } from '../text/Text.js';

/** The share of a text, at its end, that is not trained on but evaluated on. */
const heldOutShare = 0.1;

/** Streams side by side in evaluation, at most: each begins without knowing what comes before. */
const evaluationStreams = 16;

/** A text as numbers, in two parts. */
export interface Corpus {
  readonly title: string;
  readonly unit: TextUnit;
  readonly vocabulary: Vocabulary;
  readonly training: RandomAccessItems;
  /** How often each item of the vocabulary occurs in what is trained on. */
  readonly trainingCounts: Float64Array;
  readonly heldOut: RandomAccessItems;
  /** Characters of the held-out text; null where it has unknown words, of which the model knows none. */
  readonly heldOutCharacters: number | null;
  /** Items of the held-out text that the vocabulary does not have. */
  readonly heldOutUnknown: number;
  /** Tells whether another text is the same. */
  readonly fingerprint: string;
}

/** How many items of a text of `length` are held out, where at most `most` may be. */
export function heldOutOf(length: number, most: number): number {
  return Math.max(2, Math.min(most, Math.floor(length * heldOutShare)));
}

/**
 * A text of which the last `heldOutLength` items are not trained on; of words, at most `words` are known.
 * @throws Failure where a chunk of `steps` is too long for the rest, or there are too few words.
 */
export async function corpusOf(
  text: Text,
  { steps, vocabulary: words }: { readonly steps: number; readonly vocabulary: number },
  heldOutLength: number = heldOutOf(text.length, units[text.unit].mostHeldOut),
): Promise<Corpus> {
  const { title, unit, length, fingerprint } = text;
  const cut = length - heldOutLength;
  if (cut < steps + 1) {
    throw new Failure(
      `The text ${title} is shorter than a chunk: ${Math.max(cut, 0)} of its ${countedItems(length, unit)} are for training, and a chunk of ${steps} steps ` +
        `takes ${steps + 1}. Give a longer text, or shorter chunks with --steps.`,
    );
  }
  const vocabulary = vocabularyOf(text, words);
  const items = await text.items(vocabulary);
  const heldOut = sliceItems(items, cut);
  const trainingCounts = countsOf(text, vocabulary);
  const decoding = vocabulary.decoding();
  let [characters, unknown] = [0, 0];
  for await (const piece of piecesOf(heldOut)) {
    for (const id of piece) {
      // Words that were counted late, since there were too many, may have more here than in all.
      trainingCounts[id] = Math.max(0, (trainingCounts[id] as number) - 1);
      if (id === vocabulary.unknown) unknown++;
      else characters += charactersIn(unit === 'bytes' ? id : decoding.push(id));
    }
  }
  return {
    title,
    unit,
    vocabulary,
    training: sliceItems(items, 0, cut),
    trainingCounts,
    heldOut,
    heldOutCharacters: unknown === 0 ? characters : null,
    heldOutUnknown: unknown,
    fingerprint,
  };
}

/** Words that occur less often are unknown: so the model learns what to expect after an unknown word. */
const leastCount = 2;

function vocabularyOf({ title, unit, counts }: Text, words: number): Vocabulary {
  if (unit === 'bytes') return byteVocabulary();
  if (unit === 'characters') return characterVocabulary([...counts.keys()].join(''));
  try {
    return wordVocabulary(counts, { size: words, minCount: leastCount });
  } catch (cause) {
    throw new Failure(`The text ${title} has no words to learn. ${(cause as Error).message}`, { cause });
  }
}

/** Tells whether the words of a text are the same as of another; undefined where it is not read by words. */
export function wordsFingerprint({ vocabulary }: Corpus): string | undefined {
  if (vocabulary.kind !== 'words') return undefined;
  return fingerprintOf(createHash('sha256').update(JSON.stringify(vocabulary)).digest('hex'));
}

/** How often each item of the vocabulary occurs in the whole text. */
function countsOf({ unit, length, counts }: Text, vocabulary: Vocabulary): Float64Array {
  const found = new Float64Array(vocabulary.size);
  const idOf = (item: string): number => {
    if (unit === 'bytes') return item.charCodeAt(0);
    return unit === 'words' ? (vocabulary as WordVocabulary).numberOf(item) : (vocabulary.encode(item)[0] as number);
  };
  let rest = length;
  for (const [item, count] of counts) {
    const id = idOf(item);
    found[id] = (found[id] as number) + count;
    rest -= count;
  }
  if (vocabulary.unknown !== undefined) found[vocabulary.unknown] = (found[vocabulary.unknown] as number) + rest;
  return found;
}

/** Characters in a text, or that begin with a byte. */
function charactersIn(item: string | number): number {
  return typeof item === 'number' ? Number((item & 0xc0) !== 0x80) : [...item].length;
}

async function* piecesOf(items: RandomAccessItems): AsyncGenerator<Int32Array, void, void> {
  const size = 1 << 16;
  for (let at = 0; at < items.length; at += size) yield items.read(at, Math.min(at + size, items.length));
}

/** The streams that a text of `length` items can give, at most `batch`: each has a chunk at least. */
export function streamsThatFit(length: number, batch: number, steps: number): number {
  return Math.max(1, Math.min(batch, Math.floor((length - 1) / steps)));
}

/** What a model is trained on. */
export function trainingData(corpus: Corpus, batch: number, steps: number): DataSource<StreamStretch> {
  return contiguousStreams(corpus.training, { batch, steps });
}

/** What a model is evaluated on: the whole of the held-out text, or the beginning of it. */
export function heldOutData(
  { unit, heldOut }: Corpus,
  steps: number,
  part: 'whole' | 'sample',
): DataSource<StreamStretch> {
  const items = part === 'whole' ? heldOut : sliceItems(heldOut, 0, units[unit].heldOutSample);
  return contiguousStreams(items, { batch: streamsThatFit(items.length, evaluationStreams, steps), steps });
}

/** Held-out items that a training evaluates on in all, with `looks` at the beginning of them and one at the whole. */
export function itemsEvaluated({ unit, heldOut }: Corpus, looks: number): number {
  return heldOut.length + looks * Math.min(heldOut.length, units[unit].heldOutSample);
}
