import { foldIn, key as keyOf, uniformValues } from '@tempograd/core';
import type { Vocabulary } from '../data/index.js';
import { draw, type DrawSettings } from './draw.js';
import { StopText } from './StopText.js';
import type { Stream } from './Stream.js';
import type { StepOutput } from './StreamPool.js';
import type { SampleOptions } from './writeOptions.js';

/**
 * Text that a stream goes on with after a prompt of items, piece by piece. Reads an item when the next piece is asked for, so that
 * a slow reader keeps nobody waiting. The stream is its own, and reset at the end; where the prompt is empty it has read something.
 * @throws DataError when what the model says comes next is no number, as with parameters that diverged or were damaged.
 */
export async function* write(
  stream: Stream,
  prompt: ArrayLike<number>,
  vocabulary: Vocabulary,
  { length = Infinity, temperature = 1, topK = Infinity, topP = 1, stop = [], key = keyOf(0) }: SampleOptions,
): AsyncGenerator<string, void, void> {
  const { paddingIndex } = stream.pool.model.config;
  const settings: DrawSettings = {
    temperature,
    topK,
    topP,
    never: [paddingIndex, vocabulary.unknown].filter((id) => typeof id === 'number'),
  };
  const decoding = vocabulary.decoding(prompt.length > 0 ? prompt : [stream.lastItem as number]);
  const passed = new StopText(stop);
  try {
    let unread = prompt;
    for (let index = 0; index < length && !passed.stopped; index++) {
      const logits = await (unread.length > 0 ? stream.read(Array.from(unread)) : (stream.last as Promise<StepOutput>));
      const id = draw(logits, settings, () => Number(uniformValues(foldIn(key, index), 1)[0]));
      if (id === vocabulary.end) break;
      unread = [id];
      const text = passed.push(decoding.push(id));
      if (text !== '') yield text;
    }
    if (passed.stopped) return;
    const rest = passed.push(decoding.end()) + passed.end();
    if (rest !== '') yield rest;
  } finally {
    stream.reset();
  }
}
