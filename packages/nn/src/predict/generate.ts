import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { Vocabulary } from '../data/index.js';
import { vocabularyKind } from '../data/Vocabulary.js';
import type { SequenceModel, SequenceModelParams } from '../model/sequenceModel.js';
import { requireModel } from './checkModel.js';
import { goOn } from './goOn.js';
import { Stream } from './Stream.js';
import { streamPoolOf } from './streamPoolOf.js';
import { sampleKinds, type WriteOptions } from './writeOptions.js';

/** What to generate, and how boldly. */
export interface GenerateOptions extends WriteOptions {
  /** What the items are called; that of the training. */
  readonly vocabulary: Vocabulary;
}

const generateTable = optionTable<GenerateOptions>({
  ...sampleKinds,
  vocabulary: required(vocabularyKind),
  prompt: 'string',
});

/**
 * Text that a model goes on with after a prompt, item by item: `for await (const character of generate(…))`.
 * @throws ArgumentError when options make no sense or the model does not fit the vocabulary; DataError when the prompt has items
 * the vocabulary lacks, or what the model says comes next is no number, as with parameters that diverged or were damaged.
 */
export function generate(
  model: SequenceModel,
  params: SequenceModelParams,
  options: GenerateOptions,
): AsyncGenerator<string, void, void> {
  requireModel('generate', model, params);
  checkOptions('generate', options, generateTable);
  const { vocabulary, ...rest } = options;
  return goOn(
    'generate',
    new Stream(streamPoolOf('generate', model, params, { vocabulary, scaler: null })),
    vocabulary,
    rest,
  );
}
