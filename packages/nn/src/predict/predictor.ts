import { ArgumentError, treeLeaves, type FloatDType, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import type { Vocabulary } from '../data/index.js';
import { vocabularyKind } from '../data/Vocabulary.js';
import type { SequenceModel, SequenceModelParams } from '../model/sequenceModel.js';
import { checkCausal } from './checkModel.js';
import { goOn, goOnEach } from './goOn.js';
import { predictionOf } from './predictionOf.js';
import { stepInputs, type StepInput } from './stepInputs.js';
import { Stream } from './Stream.js';
import { StreamPool, type StepOutput } from './StreamPool.js';
import type { SampleOptions, WriteOptions } from './writeOptions.js';

/** What a predictor may know beside the model. */
export interface PredictorOptions {
  /** Lets text be read, and written. */
  readonly vocabulary?: Vocabulary;
  /** Give what the model's head gives; default is false: probabilities for a classification, else predictions. */
  readonly logits?: boolean;
}

const predictorTable = optionTable<PredictorOptions>({ vocabulary: vocabularyKind, logits: 'boolean' });

/** A trained model at work on a stream: it remembers what it has read. Nothing needs to be disposed of. */
export interface Predictor {
  /** Steps read since the start. */
  readonly steps: number;
  /**
   * Reads one step, and gives the prediction after it: a probability for each class, or numbers. A step asked for before the last
   * one has answered comes after it; steps that several predictors of one family (`fork`) are asked for at the same time are one batch.
   */
  step(x: StepInput): Promise<StepOutput>;
  /** Reads many steps, and gives the prediction after each: faster than one by one. */
  run(xs: string | ArrayLike<StepInput>): Promise<StepOutput[]>;
  /**
   * Writes on from here, item by item: `for await (const piece of predict.generate({ prompt }))`. The stream stays where it is, and
   * so many texts can be written at the same time, from one place or from several: their steps are one batch.
   * @throws ArgumentError without a vocabulary, or when options make no sense; DataError as `generate`.
   */
  generate(options?: WriteOptions): AsyncGenerator<string, void, void>;
  /**
   * A text for each prompt, whole, all written at the same time. That of prompt i is what `generate` gives with `foldIn(key, i)`,
   * whatever the other prompts are.
   */
  generateEach(prompts: readonly string[], options?: SampleOptions): Promise<string[]>;
  /** Another stream that remembers the same, and goes its own way from here. Of no cost before it steps. */
  fork(): Predictor;
  /** Another stream at its start, of the same family. */
  stream(): Predictor;
  /** Forgets all that was read. */
  reset(): void;
}

/**
 * A model that reads a stream step by step: `await predict.step(x)`. Many streams at once: `fork()` or `stream()` for each; those
 * that step at the same time are one batch, and their memories stay joined. Parameters are borrowed: what changes them in place,
 * as `fit` does, changes what is predicted from then on.
 * @throws ArgumentError when the model is bidirectional, or does not fit the vocabulary.
 */
export function predictor(
  model: SequenceModel,
  params: SequenceModelParams,
  options: PredictorOptions = {},
): Predictor {
  checkOptions('predictor', options, predictorTable);
  return predictorOf(new Stream(streamPool('predictor', model, params, options.vocabulary ?? null)), options);
}

/** The streams of a model. @throws ArgumentError when it cannot be read step by step, or does not fit the vocabulary. */
export function streamPool(
  of: string,
  model: SequenceModel,
  params: SequenceModelParams,
  vocabulary: Vocabulary | null,
): StreamPool {
  checkCausal(of, model, vocabulary);
  const { dtype, backend } = treeLeaves(params)[0] as Tensor;
  return new StreamPool(model, params, stepInputs(model.config, vocabulary, { dtype: dtype as FloatDType, backend }));
}

function predictorOf(stream: Stream, options: PredictorOptions): Predictor {
  const { pool } = stream;
  const { inputs, model } = pool;
  const shown = (output: StepOutput): StepOutput => predictionOf(output, options.logits ? null : model.config.loss);
  const vocabularyFor = (method: string): Vocabulary => {
    if (options.vocabulary !== undefined) return options.vocabulary;
    throw new ArgumentError(`predictor.${method}: text needs a vocabulary: predictor(model, params, { vocabulary }).`);
  };
  return {
    get steps() {
      return stream.steps;
    },
    step: async (x) => shown(await stream.read([inputs.one('predictor.step', x)])),
    async run(xs) {
      const items = inputs.many('predictor.run', xs);
      return items.length === 0 ? [] : (await stream.readEach(items)).map(shown);
    },
    generate: (write = {}) => goOn('predictor.generate', stream, vocabularyFor('generate'), write),
    generateEach: async (prompts, sample = {}) =>
      goOnEach('predictor.generateEach', stream, vocabularyFor('generateEach'), prompts, sample),
    fork: () => predictorOf(stream.fork(), options),
    stream: () => predictorOf(new Stream(pool), options),
    reset: () => stream.reset(),
  };
}
