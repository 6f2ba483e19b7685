import { ArgumentError, foldIn, key as keyOf } from '@tempograd/core';
import { DataError, type Vocabulary } from '../data/index.js';
import { checkCausal, checkWrites } from './checkModel.js';
import type { Stream } from './Stream.js';
import { write } from './write.js';
import { checkSampleOptions, checkWriteOptions, type SampleOptions, type WriteOptions } from './writeOptions.js';

/** Text that goes on from where a stream is, which stays there. @throws as `generate`. */
export function goOn(
  of: string,
  stream: Stream,
  vocabulary: Vocabulary,
  options: WriteOptions,
): AsyncGenerator<string, void, void> {
  checkWriteOptions(of, options);
  checkCausal(of, stream.pool.model);
  checkWrites(of, stream.pool.model, vocabulary);
  const { prompt } = options;
  const items = itemsOf(stream, vocabulary, prompt);
  return write(stream.fork(), items, vocabulary, options);
}

/**
 * A text for each prompt, whole: all are written at the same time, as one batch, and each is what it would be alone.
 * @throws as `generate`; ArgumentError where no text would end.
 */
export async function goOnEach(
  of: string,
  stream: Stream,
  vocabulary: Vocabulary,
  prompts: readonly string[],
  options: SampleOptions,
): Promise<string[]> {
  if (!Array.isArray(prompts) || !prompts.every((prompt) => typeof prompt === 'string'))
    throw new ArgumentError(`${of}: a list of prompts is wanted, each a text.`);
  checkSampleOptions(of, options);
  const { length = Infinity, stop, key = keyOf(0) } = options;
  if (length === Infinity && stop === undefined && vocabulary.end === undefined)
    throw new ArgumentError(`${of}: nothing says where a text ends; give a length, or a stop.`);
  const writers = prompts.map((prompt, index) =>
    goOn(of, stream, vocabulary, { ...options, prompt, key: foldIn(key, index) }),
  );
  try {
    return await Promise.all(writers.map(whole));
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.return()));
    throw error;
  }
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** The items to read first. */
function itemsOf({ steps }: Stream, vocabulary: Vocabulary, prompt: string | undefined): ArrayLike<number> {
  if (prompt !== undefined) return vocabulary.encode(prompt);
  if (steps > 0) return [];
  if (vocabulary.start !== undefined) return [vocabulary.start];
  try {
    return vocabulary.encode('\n');
  } catch (error) {
    if (error instanceof DataError) return [0];
    throw error;
  }
}
