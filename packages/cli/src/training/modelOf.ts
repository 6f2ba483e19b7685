import { charModel, type SequenceModel } from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';
import { UsageError } from '../Failure.js';
import type { Corpus } from './corpus.js';
import type { TrainSettings } from './settings.js';

/** The model that is trained with these settings. */
export function modelOf(
  { cell, hidden, layers, embedding, dropout }: TrainSettings,
  { vocabulary }: Corpus,
): SequenceModel {
  return charModel({ vocabulary: vocabulary.size, embedding, cell, hidden, layers, dropout });
}

/** @throws UsageError for a number of words to know of a text that is not read by words. */
export function requireWords({ vocabulary }: { readonly vocabulary?: number }, unit: TextUnit): void {
  if (vocabulary === undefined || unit === 'words') return;
  throw new UsageError(`--vocabulary is how many words to know, but the text is read by ${unit}. Add --unit words.`);
}
