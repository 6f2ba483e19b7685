import {
  adaptiveTruncation,
  artbp,
  disposeTree,
  keep,
  key,
  randomTelescoping,
  scope,
  treeEntries,
  truncatedBptt,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import {
  adam,
  characterVocabulary,
  charModel,
  contiguousStreams,
  fit,
  type CharModelConfig,
  type DataSource,
  type FitOptions,
  type SequenceModel,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
  type Training,
  type TrainingStep,
  type Vocabulary,
} from '../../src/index.js';

/** Text with something to learn in it. */
export const text: string = Array.from(
  { length: 40 },
  (_, index) => `the cat ${index % 3 === 0 ? 'sat' : 'ran'} on. `,
).join('');
export const vocabulary: Vocabulary = characterVocabulary(text);

/** Training of a small character model. */
export type CharTraining = FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor> & {
  readonly task: SequenceModel;
};

/** A small model, with parameters that outlive every scope where none are given. */
export function smallModel(
  config: Partial<CharModelConfig> = {},
  given?: SequenceModelParams,
): { task: SequenceModel; params: SequenceModelParams } {
  const task = charModel({ vocabulary: vocabulary.size, embedding: 4, hidden: 6, ...config });
  return { task, params: given ?? scope(() => keep(task.init(key(1)))) };
}

/** What trains it, unless said otherwise. */
export function settings(changes: Partial<CharTraining> & { model?: Partial<CharModelConfig> } = {}): CharTraining {
  const { model, ...rest } = changes;
  return {
    ...smallModel(model, rest.params),
    data: streams(),
    strategy: truncatedBptt({ updateEvery: 10 }),
    optimiser: adam({ learningRate: 0.01 }),
    clip: { norm: 1 },
    key: key(2),
    ...rest,
  };
}

export function streams(batch = 3, steps = 10, source: string = text): DataSource<SequenceStretch> {
  return contiguousStreams(source, { vocabulary, batch, steps });
}

/** The same data, until it fails instead of giving its stretch number `at`. */
export function failing(data: DataSource<SequenceStretch>, at: number): DataSource<SequenceStretch> {
  return {
    stretches: data.stretches,
    async *open(position, options) {
      let { index } = position;
      for await (const stretch of data.open(position, options)) {
        if (index === at) {
          disposeTree(stretch.stretch);
          throw new Error('The disk is gone.');
        }
        index++;
        yield stretch;
      }
    },
  };
}

/** The same data, which gives nothing when it is opened again. */
export function once(data: DataSource<SequenceStretch>): DataSource<SequenceStretch> {
  let opened = false;
  return {
    stretches: null,
    async *open(position, options) {
      if (opened) return;
      opened = true;
      yield* data.open(position, options);
    },
  };
}

/** Trains to the end. */
export async function all(training: Training): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of training) steps.push(step);
  return steps;
}

export async function train(changes: Parameters<typeof settings>[0] = {}): Promise<TrainingStep[]> {
  const options = settings(changes);
  try {
    return await all(fit(options));
  } finally {
    if (changes.params === undefined) disposeTree(options.params);
  }
}

/** All numbers of a tree. */
export function valuesOf(tree: unknown): Record<string, number[]> {
  return Object.fromEntries(treeEntries(tree).map(([path, leaf]) => [path, [...leaf.readSync()]]));
}

export const strategies: Readonly<Record<string, Strategy>> = {
  chunks: truncatedBptt({ updateEvery: 10 }),
  'overlapping, stored': truncatedBptt({ updateEvery: 4, backwardSteps: 11 }),
  'overlapping, run again': truncatedBptt({ updateEvery: 4, backwardSteps: 11, staleness: 'recompute' }),
  'short windows': truncatedBptt({ updateEvery: 7, backwardSteps: 3 }),
  'last losses alone': truncatedBptt({ updateEvery: 5, lossScope: 'last' }),
};

/** Those that run steps again, draw or measure: dearer, or other for each update. */
export const variedStrategies: Readonly<Record<string, Strategy>> = {
  'overlapping, few states kept': truncatedBptt({ updateEvery: 4, backwardSteps: 11, checkpoints: { slots: 2 } }),
  'cut at random': artbp({ updateEvery: 4, meanLength: 6 }),
  'lengths drawn': randomTelescoping({ updateEvery: 4, meanLength: 6 }),
  'as long as the gradient': adaptiveTruncation({ updateEvery: 4, maxLength: 12, measureEvery: 3 }),
};
