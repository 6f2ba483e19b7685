import { assign, fromArray, scope, type Key } from '@tempograd/core';
import type { SequenceModel, SequenceModelParams } from '@tempograd/nn';
import type { Corpus } from './corpus.js';

/**
 * Parameters to begin with, in the caller's scope. The head's bias is the logarithm of how often each character occurs in the
 * text to train on (counted from 1, so that none is impossible): frequencies need not be learnt, and steps go to the rest.
 */
export function startingParams(
  model: SequenceModel,
  key: Key,
  { training, trainingCounts }: Corpus,
): SequenceModelParams {
  return scope(() => {
    const params = model.init(key);
    const bias = trainingCounts.map((count) => Math.log((count + 1) / training.length));
    assign(params.head.bias, fromArray(bias, [bias.length]));
    return params;
  });
}
