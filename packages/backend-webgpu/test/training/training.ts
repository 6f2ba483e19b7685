import { disposeTree, keep, key, scope, truncatedBptt } from '@tempograd/core';
import type { Backend, Tensor } from '@tempograd/core';
import { adam, characterVocabulary, charModel, contiguousStreams } from '@tempograd/nn';
import type { FitOptions, SequenceModelCarry, SequenceModelParams, SequenceStretch } from '@tempograd/nn';

/** Training of a small character model. */
export type CharTraining = FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor>;

const text = Array.from({ length: 200 }, (_, index) => `the cat ${index % 3 === 0 ? 'sat' : 'ran'} on. `).join('');

/** How large the model is, and how many streams it learns from at once. */
interface Sizes {
  readonly hidden?: number;
  readonly batch?: number;
}

/** A training of an LSTM on a backend, so many steps an update. Whoever runs it disposes of `params`. */
export function charTraining(
  backend: Backend,
  steps: number,
  { hidden = 6, batch = 3, ...changes }: Partial<CharTraining> & Sizes = {},
): CharTraining {
  const vocabulary = characterVocabulary(text);
  const task = charModel({ vocabulary: vocabulary.size, embedding: 4, hidden, cell: 'lstm' });
  return {
    task,
    params: changes.params ?? scope(() => keep(task.init(key(1), { backend }))),
    data: contiguousStreams(text, { vocabulary, batch, steps }),
    strategy: truncatedBptt({ updateEvery: steps }),
    optimiser: adam({ learningRate: 0.01 }),
    clip: { norm: 1 },
    key: key(2),
    ...changes,
  };
}

/** Lets parameters go, which a lost device may hold. */
export function release(...trainings: readonly CharTraining[]): void {
  for (const { params } of trainings) disposeTree(params);
}
