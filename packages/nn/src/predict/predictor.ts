import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, type ObjectKind } from '@tempograd/core/backend';
import type { Scaler, Vocabulary } from '../data/index.js';
import { vocabularyKind } from '../data/Vocabulary.js';
import { featuresOf, type AnyInput, type ModelInput } from '../model/ModelInput.js';
import type { AnySequenceModel, SequenceModel, SequenceModelParams } from '../model/sequenceModel.js';
import { checkCausal, requireModel } from './checkModel.js';
import { forecast, type ForecastOptions } from './forecast.js';
import { goOn, goOnEach } from './goOn.js';
import { predictionOf } from './predictionOf.js';
import type { StepInput, StepsInput } from './stepInputs.js';
import { Stream } from './Stream.js';
import type { StepOutput } from './StreamPool.js';
import { streamPoolOf } from './streamPoolOf.js';
import {
  predictsNumbers,
  scalerMisfit,
  targetScaling,
  unsaidTargets,
  type TargetScaling,
  type Targets,
} from './targetScaling.js';
import type { SampleOptions, WriteOptions } from './writeOptions.js';

/** What a predictor may know beside the model. */
export interface PredictorOptions {
  /** Lets text be read, and written. */
  readonly vocabulary?: Vocabulary | undefined;
  /**
   * What the training data was scaled with: steps, and numbers that are predicted, are then in the units of the series. Features
   * beyond its channels, which are known before, are read as they are given.
   */
  readonly scaler?: Scaler | undefined;
  /** Which of the scaler's channels the model predicts, as `windows` was told; default is all, where it predicts one step. */
  readonly targets?: Targets | undefined;
  /** Give what the model's head gives; default is false: probabilities for a classification, else numbers, brought back by the scaler. */
  readonly logits?: boolean;
}

/** The kind of an option that is a scaler. */
export const scalerKind: ObjectKind = {
  wanted: 'a scaler, such as fitScaler(training)',
  members: ['channels', 'transform', 'inverse', 'channel', 'toJSON'],
};

const predictorTable = optionTable<PredictorOptions>({
  vocabulary: vocabularyKind,
  scaler: scalerKind,
  targets: 'string or array',
  logits: 'boolean',
});

/** A trained model at work on a stream: it remembers what it has read. Nothing needs to be disposed of. */
export interface Predictor {
  /** Steps read since the start. */
  readonly steps: number;
  /**
   * Reads one step, and gives the prediction after it: a probability for each class, or numbers. A step asked for before the last
   * one has answered comes after it; steps that several predictors of one family (`fork`) are asked for at the same time are one batch.
   */
  step(x: StepInput): Promise<StepOutput>;
  /**
   * Reads many steps, a text, a series or several inputs by name, and gives the prediction after each: faster than one by one.
   * A model that reads from both ends takes what it is given for a whole sequence, and begins anew with the next.
   */
  run(xs: StepsInput): Promise<StepOutput[]>;
  /**
   * The next steps as the model sees them, in the units of the series: flat, the channels of a step side by side. A model that
   * predicts many steps at once has them ready; beyond these it reads its own predictions. The stream stays where it is, and steps
   * of forecasts that are made at the same time are one batch.
   * @throws ArgumentError before anything was read, and where the model does not forecast.
   */
  forecast(steps: number, options?: ForecastOptions): Promise<Float64Array>;
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
 * @throws ArgumentError when the model does not fit the vocabulary or the scaler.
 */
export function predictor<I extends AnyInput = ModelInput>(
  model: SequenceModel<I>,
  params: SequenceModelParams<I>,
  options: PredictorOptions = {},
): Predictor {
  requireModel('predictor', model, params);
  checkOptions('predictor', options, predictorTable);
  const { vocabulary = null, scaler = null, targets } = options;
  const { config } = model;
  const misfit = scalerMisfit(scaler, targets, config) ?? unsaidTargets(scaler, targets, config);
  if (misfit !== null) throw new ArgumentError(`predictor: ${misfit}`);
  const isScaled = scaler !== null && predictsNumbers(config);
  const scaling = isScaled ? targetScaling(scaler, targets) : unscaled(model, targets);
  const pool = streamPoolOf('predictor', model, params, { vocabulary, scaler });
  return predictorOf(new Stream(pool), { ...options, scaling, isScaled });
}

/** The channels of a step that a model predicts, where nothing is scaled: as many as it reads, if its outputs are steps of these. */
function unscaled({ config: { input, outputs } }: AnySequenceModel, targets: Targets | undefined): TargetScaling {
  const read = featuresOf(input) ?? outputs;
  const channels = targets === undefined ? (outputs % read === 0 ? read : outputs) : [targets].flat().length;
  return { channels, inverse: (values) => Float64Array.from(values) };
}

interface Settings extends PredictorOptions {
  readonly scaling: TargetScaling;
  /** Whether predictions are brought back by it. */
  readonly isScaled: boolean;
}

function predictorOf(stream: Stream, options: Settings): Predictor {
  const { pool } = stream;
  const { inputs, model } = pool;
  const shown = (output: StepOutput): StepOutput => {
    if (options.logits === true) return predictionOf(output, null);
    const prediction = predictionOf(output, model.config.loss);
    return options.isScaled ? options.scaling.inverse(prediction) : prediction;
  };
  const vocabularyFor = (method: string): Vocabulary => {
    if (options.vocabulary !== undefined) return options.vocabulary;
    throw new ArgumentError(`predictor.${method}: text needs a vocabulary: predictor(model, params, { vocabulary }).`);
  };
  return {
    get steps() {
      return stream.steps;
    },
    async step(x) {
      checkCausal('predictor.step', model);
      return shown(await stream.read([inputs.one('predictor.step', x)]));
    },
    async run(xs) {
      const items = inputs.many('predictor.run', xs);
      return items.length === 0 ? [] : (await stream.readEach(items)).map(shown);
    },
    forecast: async (steps, ahead = {}) => forecast(stream, steps, options.scaling, ahead),
    generate: (write = {}) => goOn('predictor.generate', stream, vocabularyFor('generate'), write),
    generateEach: async (prompts, sample = {}) =>
      goOnEach('predictor.generateEach', stream, vocabularyFor('generateEach'), prompts, sample),
    fork: () => predictorOf(stream.fork(), options),
    stream: () => predictorOf(new Stream(pool), options),
    reset: () => stream.reset(),
  };
}
