import {
  characterVocabulary,
  contiguousStreams,
  sliceItems,
  type DataSource,
  type RandomAccessItems,
  type StreamStretch,
  type Vocabulary,
} from '@tempograd/nn';
import { Failure } from '../Failure.js';
import type { Text } from '../text/Text.js';

/** The share of a text, at its end, that is not trained on but evaluated on. */
const heldOutShare = 0.1;

/** Characters held out, at most: more would make the figure no more exact, and take longer than many a training. */
const mostHeldOut = 1_000_000;

/** Characters of held-out text that are evaluated on along the way; at the end it is all of it. */
const heldOutSample = 16_384;

/** Streams side by side in evaluation, at most: each begins without knowing what comes before. */
const evaluationStreams = 16;

/** A text as numbers, in two parts. */
export interface Corpus {
  readonly title: string;
  readonly vocabulary: Vocabulary;
  readonly training: RandomAccessItems;
  /** How often each item of the vocabulary occurs in what is trained on. */
  readonly trainingCounts: Float64Array;
  readonly heldOut: RandomAccessItems;
  /** Tells whether another text is the same. */
  readonly fingerprint: string;
}

/** How many characters of a text of `length` are held out, where at most `most` may be. */
export function heldOutOf(length: number, most: number = mostHeldOut): number {
  return Math.max(2, Math.min(most, Math.floor(length * heldOutShare)));
}

/** A text of which the last `heldOutLength` characters are not trained on. @throws Failure where a chunk of `steps` is too long for the rest. */
export async function corpusOf(
  text: Text,
  steps: number,
  heldOutLength: number = heldOutOf(text.length),
): Promise<Corpus> {
  const { title, length, counts, fingerprint } = text;
  const cut = length - heldOutLength;
  if (cut < steps + 1) {
    throw new Failure(
      `The text ${title} is shorter than a chunk: ${Math.max(cut, 0)} of its ${length} characters are for training, and a chunk of ${steps} steps ` +
        `takes ${steps + 1}. Give a longer text, or shorter chunks with --steps.`,
    );
  }
  const vocabulary = characterVocabulary([...counts.keys()].join(''));
  const items = await text.items(vocabulary);
  const heldOut = sliceItems(items, cut);
  const trainingCounts = new Float64Array(vocabulary.size);
  for (const [character, count] of counts) trainingCounts[vocabulary.encode(character)[0] as number] = count;
  for await (const piece of piecesOf(heldOut)) {
    for (const id of piece) trainingCounts[id] = (trainingCounts[id] as number) - 1;
  }
  return { title, vocabulary, training: sliceItems(items, 0, cut), trainingCounts, heldOut, fingerprint };
}

async function* piecesOf(items: RandomAccessItems): AsyncGenerator<Int32Array, void, void> {
  const size = 1 << 16;
  for (let at = 0; at < items.length; at += size) yield items.read(at, Math.min(at + size, items.length));
}

/** The streams that a text of `length` characters can give, at most `batch`: each has a chunk at least. */
export function streamsThatFit(length: number, batch: number, steps: number): number {
  return Math.max(1, Math.min(batch, Math.floor((length - 1) / steps)));
}

/** What a model is trained on. */
export function trainingData(corpus: Corpus, batch: number, steps: number): DataSource<StreamStretch> {
  return contiguousStreams(corpus.training, { batch, steps });
}

/** What a model is evaluated on: the whole of the held-out text, or the beginning of it. */
export function heldOutData({ heldOut }: Corpus, steps: number, part: 'whole' | 'sample'): DataSource<StreamStretch> {
  const items = part === 'whole' ? heldOut : sliceItems(heldOut, 0, heldOutSample);
  return contiguousStreams(items, { batch: streamsThatFit(items.length, evaluationStreams, steps), steps });
}

/** Held-out characters that a training evaluates on in all, with `looks` at the beginning of them and one at the whole. */
export function charactersEvaluated({ heldOut }: Corpus, looks: number): number {
  return heldOut.length + looks * Math.min(heldOut.length, heldOutSample);
}
