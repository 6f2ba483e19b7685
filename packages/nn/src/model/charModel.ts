import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { sharedKinds, type SequenceModelConfig } from './config.js';
import { sequenceModel, type SequenceModel } from './sequenceModel.js';

/** Settings of a character model. */
export interface CharModelConfig extends Omit<SequenceModelConfig, 'input' | 'outputs' | 'loss'> {
  /** How many characters there are. */
  readonly vocabulary: number;
  /** Size of the vector that stands for a character. */
  readonly embedding: number;
}

const charModelTable = optionTable<CharModelConfig>({
  vocabulary: required('number'),
  embedding: required('number'),
  ...sharedKinds,
});

/**
 * A language model over characters (or bytes, or words): at each step the logits of the next one.
 * @throws ArgumentError when a setting makes no sense; a bidirectional layer would see what is to be predicted.
 */
export function charModel(config: CharModelConfig): SequenceModel {
  checkOptions('charModel', config, charModelTable);
  if (config.bidirectional === true)
    throw new ArgumentError(
      'charModel: a bidirectional layer reads what it is to predict, and would learn to copy it. Leave bidirectional out; to tag the ' +
        'characters of whole texts use sequenceModel.',
    );
  const { vocabulary, embedding, ...settings } = config;
  return sequenceModel({ ...settings, input: { vocabulary, embedding }, outputs: vocabulary, loss: 'crossEntropy' });
}
