import { key as keyOf } from '@tempograd/core';
import { DataError, generate } from '@tempograd/nn';
import { openingOf } from '../text/prompt.js';
import { units } from '../text/unit.js';
import type { TrainingJob } from './TrainingJob.js';

/** Temperature of samples: below 1, since a model that has learnt for minutes is too unsure. */
const sampleTemperature = 0.7;

/** What the model writes; nothing further where it gives NaN or infinity, which the next update or the end of the training tells of. */
export async function sampleText(
  { writer, corpus }: Pick<TrainingJob, 'writer' | 'corpus'>,
  seed: number,
): Promise<string> {
  const { model, params, vocabulary } = writer;
  const prompt = openingOf(vocabulary);
  const key = keyOf(seed);
  let text = '';
  try {
    for await (const character of generate(model, params, {
      vocabulary,
      prompt,
      length: units[corpus.unit].sampleLength,
      temperature: sampleTemperature,
      key,
    })) {
      text += character;
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
  }
  return text;
}
