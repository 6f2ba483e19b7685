import { keep, key, scope, truncatedBptt, type Tensor } from '@tempograd/core';
import {
  adam,
  characterVocabulary,
  charModel,
  contiguousStreams,
  type FitOptions,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
} from '../../src/index.js';

const text = 'it was the best of times, it was the worst of times. '.repeat(20);

/** A training whose checkpoints take longer to write than its updates to compute: half a megabyte each. */
export function makeTraining(): FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor> {
  const vocabulary = characterVocabulary(text);
  const task = charModel({ vocabulary: vocabulary.size, embedding: 40, hidden: 90, dropout: 0.1 });
  return {
    task,
    params: scope(() => keep(task.init(key(1)))),
    data: contiguousStreams(text, { vocabulary, batch: 1, steps: 3 }),
    strategy: truncatedBptt({ updateEvery: 3, backwardSteps: 5 }),
    optimiser: adam({ learningRate: 0.01 }),
    updates: 400,
  };
}
