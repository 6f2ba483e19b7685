import { createHash } from 'node:crypto';
import {
  characterVocabulary,
  contiguousStreams,
  type DataSource,
  type StreamStretch,
  type Vocabulary,
} from '@tempograd/nn';
import { Failure } from '../Failure.js';
import type { Text } from '../text/readText.js';

/** The share of a text, at its end, that is not trained on but evaluated on. */
const heldOutShare = 0.1;

/** Characters of held-out text that are evaluated on along the way; at the end it is all of it. */
const heldOutSample = 16_384;

/** Streams side by side in evaluation, at most: each begins without knowing what comes before. */
const evaluationStreams = 16;

/** A text as numbers, in two parts. */
export interface Corpus {
  readonly title: string;
  readonly vocabulary: Vocabulary;
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
  /** Tells whether another text is the same. */
  readonly fingerprint: string;
}

/** @throws Failure for a text too short for a chunk of `steps`. */
export function corpusOf({ title, content }: Text, steps: number): Corpus {
  const vocabulary = characterVocabulary(content);
  const ids = vocabulary.encode(content);
  const cut = ids.length - Math.max(2, Math.floor(ids.length * heldOutShare));
  if (cut < steps + 1) {
    throw new Failure(
      `The text ${title} is shorter than a chunk: ${Math.max(cut, 0)} of its ${ids.length} characters are for training, and a chunk of ${steps} steps ` +
        `takes ${steps + 1}. Give a longer text, or shorter chunks with --steps.`,
    );
  }
  const fingerprint = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return { title, vocabulary, training: ids.subarray(0, cut), heldOut: ids.subarray(cut), fingerprint };
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
  const items = part === 'whole' ? heldOut : heldOut.subarray(0, heldOutSample);
  return contiguousStreams(items, { batch: streamsThatFit(items.length, evaluationStreams, steps), steps });
}

/** Held-out characters that a training evaluates on in all, with `looks` at the beginning of them and one at the whole. */
export function charactersEvaluated({ heldOut }: Corpus, looks: number): number {
  return heldOut.length + looks * Math.min(heldOut.length, heldOutSample);
}
