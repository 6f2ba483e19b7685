import { key, truncatedBptt } from '@tempograd/core';
import { adam, characterVocabulary, charModel, contiguousStreams, fit } from '@tempograd/nn';

const text = 'how much wood would a woodchuck chuck if a woodchuck could chuck wood? '.repeat(30);

/** The vocabulary of what is learnt. */
export const vocabulary = characterVocabulary(text);

/** The model that learns it. */
export const model = charModel({ vocabulary: vocabulary.size, embedding: 8, hidden: 24 });

/** Trains a small model on the selected backend, and gives back its parameters and the losses of its first and its last update. */
export async function learn() {
  const params = model.init(key(1));
  const data = contiguousStreams(text, { vocabulary, batch: 4, steps: 20 });
  const [strategy, optimiser] = [truncatedBptt({ updateEvery: 20 }), adam({ learningRate: 0.02 })];
  const losses = [];
  for await (const { loss } of fit({ task: model, params, data, strategy, optimiser, clip: { norm: 1 }, epochs: 2 })) {
    losses.push(loss);
  }
  return { params, first: losses[0], last: losses.at(-1) };
}
