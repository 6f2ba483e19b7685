import type { SequenceModelConfig } from './config.js';
import { sequenceModel, type SequenceModel } from './sequenceModel.js';

/** Settings of a character model. */
export interface CharModelConfig extends Omit<SequenceModelConfig, 'input' | 'outputs' | 'loss'> {
  /** How many characters there are. */
  readonly vocabulary: number;
  /** Size of the vector that stands for a character. */
  readonly embedding: number;
}

/** A language model over characters (or bytes, or words): at each step the logits of the next one. */
export function charModel({ vocabulary, embedding, ...settings }: CharModelConfig): SequenceModel {
  return sequenceModel({ ...settings, input: { vocabulary, embedding }, outputs: vocabulary, loss: 'crossEntropy' });
}
