import { createBackend } from '@tempograd/backend-js';
import { key, ones, treeMap, truncatedBptt, useBackend, zerosLike } from '@tempograd/core';
import {
  adam,
  adamw,
  addChanges,
  advise,
  backtest,
  binaryCrossEntropy,
  bitsPerCharacter,
  byteVocabulary,
  characterVocabulary,
  characterVocabularyFrom,
  charModel,
  contiguousStreams,
  cosineSchedule,
  countElements,
  countTargets,
  crossEntropy,
  difference,
  embedding,
  evaluate,
  f1Score,
  fillMissing,
  fit,
  forecastBand,
  fromFlaxLstm,
  fromKerasGru,
  fromKerasLstm,
  fromOnnxGru,
  fromOnnxLstm,
  fromOnnxRnn,
  generate,
  gradientCosine,
  gradientHealth,
  gru,
  lastValue,
  layerNorm,
  lengthsToMask,
  linear,
  loadInto,
  lstm,
  lyapunovExponents,
  mae,
  mase,
  meanSquaredError,
  monitor,
  planMemory,
  startHealth,
  precision,
  predictor,
  readCsv,
  readModel,
  readSafetensors,
  recall,
  reduceOnPlateau,
  requireTensors,
  rmse,
  rmsprop,
  rnn,
  rollout,
  seasonalNaive,
  sequenceModel,
  sequences,
  sgd,
  splitSequences,
  splitSeries,
  stepSchedule,
  toOnnxWeights,
  topKAccuracy,
  vocabularyFromJson,
  warmUp,
  windows,
  wordVocabulary,
  wordVocabularyFrom,
  writeModel,
  writeSafetensors,
} from '@tempograd/nn';
import { holdTo, type Taker } from './holdTo.js';

useBackend(createBackend());

const i32 = { dtype: 'i32' } as const;
const floats = ones([3, 2]);
const targets = ones([3], i32);
const mask = ones([3], i32);
const vocabulary = byteVocabulary();
const model = charModel({ vocabulary: 256, embedding: 2, hidden: 2 });
const params = model.init(key(1));
const forecasts = [[1], [2], [3]];
const forecaster = sequenceModel({ input: { features: 1 }, hidden: 1, outputs: 1 });
const forecasting = predictor(forecaster, forecaster.init(key(1)));
await forecasting.step(1);
const text = 'how much wood would a woodchuck chuck';
const data = contiguousStreams(text, { vocabulary, batch: 1, steps: 4 });
const strategy = truncatedBptt({ updateEvery: 4 });
const optimiser = adam({ learningRate: 0.1 });
const training = { task: model, params, data, strategy, optimiser };
const file = { tensors: new Map(), metadata: {} };
const start = { epoch: 0, index: 0 };
const gradient = treeMap(params, zerosLike);
const state = optimiser.init(params);

const ids = { inputs: ones([3, 1], i32), targets: ones([3, 1], i32) };
const numberModel = sequenceModel({ input: { features: 1 }, hidden: 2, outputs: 1 });

const layers = {
  lstm: lstm({ inputSize: 2, hiddenSize: 2 }),
  gru: gru({ inputSize: 2, hiddenSize: 2 }),
  rnn: rnn({ inputSize: 2, hiddenSize: 2, activation: 'relu' }),
};
const sequence = ones([3, 1, 2]);
const dense = { kernel: ones([2, 2]), bias: ones([2]) };
const gates = ['ii', 'if', 'ig', 'io', 'hi', 'hf', 'hg', 'ho'];
const flax = Object.fromEntries(gates.map((gate) => [gate, dense])) as never;
const keras = { kernel: ones([2, 8]), recurrentKernel: ones([2, 8]) };
const kerasGru = { kernel: ones([2, 6]), recurrentKernel: ones([2, 6]) };
const onnx = { w: ones([1, 8, 2]), r: ones([1, 8, 2]) };
const onnxRnn = { w: ones([1, 2, 2]), r: ones([1, 2, 2]) };
const onnxGru = { w: ones([1, 6, 2]), r: ones([1, 6, 2]), linearBeforeReset: 1 };

const recurrent = { good: { inputSize: 2, hiddenSize: 2, layers: 2, init: { bias: () => [0, 0] } }, key: 'hiddenSize' };
const inits = (take: Taker['take'], layer: string): Taker => ({
  take,
  good: { dtype: 'f64' },
  key: 'dtype',
  as: `${layer}().init`,
});
const masked = (take: Taker['take']): Taker => ({ take, good: { mask }, key: 'mask' });
const rate = { good: { learningRate: 0.1, weightDecay: 0.1 }, key: 'learningRate' };
/** Weights of others and where they go: both are objects that may be wrong. */
const converts = (take: Taker['take'], weights: object, part: string, toTarget: Taker['take']): Taker[] => [
  { take, good: weights, key: part },
  { take: toTarget, good: { layer: 1 }, key: 'layer' },
];

holdTo('nn/src/index.ts', {
  linear: { take: linear, good: { inputs: 2, outputs: 3, bias: false }, key: 'outputs' },
  'LinearLayer.init': inits((options) => linear({ inputs: 2, outputs: 2 }).init(key(1), options), 'linear'),
  layerNorm: { take: layerNorm, good: { size: 2, epsilon: 0.1 }, key: 'epsilon' },
  'LayerNormLayer.init': inits((options) => layerNorm({ size: 2 }).init(key(1), options), 'layerNorm'),
  embedding: { take: embedding, good: { vocabulary: 3, size: 2, paddingIndex: 0 }, key: 'paddingIndex' },
  'EmbeddingLayer.apply': {
    take: (options) => embedding({ vocabulary: 3, size: 2 }).apply({ weight: floats }, targets, options),
    good: { mask: null },
    key: 'mask',
    as: 'embedding().apply',
  },
  'EmbeddingLayer.init': inits((options) => embedding({ vocabulary: 3, size: 2 }).init(key(1), options), 'embedding'),
  lstm: { take: lstm, ...recurrent },
  gru: { take: gru, ...recurrent },
  rnn: { take: rnn, ...recurrent },
  'RecurrentLayer.init': Object.entries(layers).map(([name, layer]) =>
    inits((options) => layer.init(key(1), options), name),
  ),
  'RecurrentLayer.apply': Object.entries(layers).map(([name, layer]) => {
    const layerParams = layer.init(key(1));
    return {
      take: (options) => layer.apply(layerParams, null, sequence, options),
      good: { context: null },
      key: 'mask',
      as: `${name}().apply`,
    };
  }),
  lengthsToMask: {
    take: (options) => lengthsToMask([1, 2], 2, options),
    good: { backend: floats.backend },
    key: 'backend',
  },
  crossEntropy: {
    take: (options) => crossEntropy(floats, targets, options),
    good: { mask, ignoreIndex: 0, labelSmoothing: 0.1 },
    key: 'ignoreIndex',
  },
  countTargets: { take: (options) => countTargets(targets, options), good: { mask, ignoreIndex: 0 }, key: 'mask' },
  countElements: masked((options) => countElements(floats, options)),
  meanSquaredError: masked((options) => meanSquaredError(floats, floats, options)),
  binaryCrossEntropy: masked((options) => binaryCrossEntropy(floats, floats, options)),
  sequenceModel: { take: sequenceModel, good: { input: { features: 2 }, hidden: 2, outputs: 1 }, key: 'hidden' },
  rollout: {
    take: (options) => rollout(numberModel, options),
    good: { teacherForcing: 0.5, given: 2 },
    key: 'teacherForcing',
  },
  charModel: { take: charModel, good: { vocabulary: 9, embedding: 2, hidden: 2 }, key: 'embedding' },
  'SequenceModel.init': inits((options) => model.init(key(1), options), 'sequenceModel'),
  generate: {
    take: (options) => generate(model, params, options),
    good: { vocabulary, length: 1, key: key(1) },
    key: 'temperature',
  },
  predictor: {
    take: (options) => predictor(model, params, options),
    good: { vocabulary, logits: true },
    key: 'logits',
  },
  'Predictor.generate': {
    take: (options) => predictor(model, params, { vocabulary }).generate(options),
    good: { prompt: 'a', length: 1, stop: () => true },
    key: 'topP',
    as: 'predictor.generate',
  },
  'Predictor.generateEach': {
    take: (options) => predictor(model, params, { vocabulary }).generateEach(['a'], options),
    good: { length: 1, stop: ['b'] },
    key: 'topK',
    as: 'predictor.generateEach',
  },
  fit: {
    // Not handed on: whoever awaits a training is told not to.
    take: (options) => void fit(options),
    good: {
      ...training,
      updates: 1,
      clip: { norm: 1 },
      normaliser: 4,
      accumulate: 2,
      weightNoise: 0.1,
      gradientNoise: 0.1,
      health: { every: 5, saturation: false, sample: { rows: 2, steps: 10 } },
    },
    key: 'optimiser',
  },
  reduceOnPlateau: {
    take: (options) => reduceOnPlateau(0.1, options),
    good: { patience: 1, factor: 0.1, minimum: 0, minDelta: 0, metric: 'loss', direction: 'max' },
    key: 'patience',
  },
  evaluate: { take: evaluate, good: { task: model, params, data }, key: 'params' },
  topKAccuracy: { take: topKAccuracy, good: { k: 2 }, key: 'k' },
  precision: { take: precision, good: { average: 'micro' }, key: 'average' },
  recall: { take: recall, good: { average: 'weighted' }, key: 'average' },
  f1Score: { take: f1Score, good: { of: 1 }, key: 'average' },
  bitsPerCharacter: { take: bitsPerCharacter, good: { charactersPerItem: 4.5 }, key: 'charactersPerItem' },
  mae: { take: mae, good: { scaler: { inverse: (values: Float64Array) => values } }, key: 'scaler' },
  rmse: { take: rmse, good: { scaler: { inverse: (values: Float64Array) => values } }, key: 'scaler' },
  mase: { take: mase, good: { training: [1, 2, 4], season: 2 }, key: 'season' },
  monitor: { take: monitor, good: { patience: 20, resume: null }, key: 'patience' },
  gradientHealth: {
    take: (options) => gradientHealth(model, params, ids, options),
    good: { lyapunov: 0 },
    key: 'lyapunov',
  },
  gradientCosine: {
    take: (options) => gradientCosine(model, params, ids, strategy, options),
    good: { key: null },
    key: 'key',
  },
  lyapunovExponents: {
    take: (options) => lyapunovExponents((at: typeof floats) => at, floats, options),
    good: { steps: 1 },
    key: 'steps',
  },
  startHealth: { take: startHealth, good: { every: 2, saturation: false }, key: 'saturation' },
  advise: { take: (options) => advise(options), good: { task: 'words', sequenceLength: 40 }, key: 'sequenceLength' },
  planMemory: {
    take: (options) => planMemory(model, params, options),
    good: { time: 4, batch: 1, strategy, optimiser },
    key: 'batch',
  },
  contiguousStreams: {
    take: (options) => contiguousStreams(text, options),
    good: { vocabulary, batch: 1, steps: 2 },
    key: 'steps',
  },
  readCsv: { take: (options) => readCsv('a;b\n1;2', options), good: { delimiter: ';' }, key: 'delimiter' },
  sequences: { take: (options) => sequences([[1, 2, 3]], options), good: { batch: 1 }, key: 'bucket' },
  addChanges: { take: (options) => addChanges([1, 2], [1], options), good: { lag: 2 }, key: 'lag' },
  backtest: { take: (options) => backtest([1, 2, 3], () => [2], options), good: { from: 1, season: 1 }, key: 'season' },
  difference: { take: (options) => difference([1, 2], options), good: { lag: 1 }, key: 'lag' },
  fillMissing: { take: (options) => fillMissing([1, 2], options), good: { by: 'linear' }, key: 'by' },
  lastValue: { take: (options) => lastValue([1, 2], options), good: { steps: 2 }, key: 'steps' },
  seasonalNaive: { take: (options) => seasonalNaive([1, 2], options), good: { season: 2, steps: 2 }, key: 'season' },
  splitSequences: {
    take: (options) => splitSequences([1, 2], options),
    good: { test: 0.5, stratify: false },
    key: 'stratify',
  },
  splitSeries: { take: (options) => splitSeries([1, 2, 3], options), good: { test: 1, gap: 1 }, key: 'context' },
  windows: { take: (options) => windows([1, 2, 3, 4], options), good: { length: 2, batch: 1 }, key: 'stride' },
  'DataSource.open': [
    { take: (options: never) => data.open(start, options), as: 'contiguousStreams().open' },
    {
      take: (options: never) =>
        contiguousStreams(
          async function* () {
            yield text;
          },
          { vocabulary, batch: 1, steps: 2 },
        ).open(start, options),
      as: 'contiguousStreams().open',
    },
    {
      take: (options: never) => windows([1, 2, 3], { length: 2, batch: 1 }).open(start, options),
      as: 'windows().open',
    },
    {
      take: (options: never) => sequences([[1, 2, 3]], { batch: 1 }).open(start, options),
      as: 'sequences().open',
    },
  ].map((taker) => ({ ...taker, good: { dtype: 'f64' }, key: 'dtype' })),
  characterVocabulary: {
    take: (options) => characterVocabulary(text, options),
    good: { unknown: '?' },
    key: 'unknown',
  },
  characterVocabularyFrom: {
    take: (options) =>
      characterVocabularyFrom(
        (async function* () {
          yield text;
        })(),
        options,
      ),
    good: { unknown: null },
    key: 'unknown',
  },
  wordVocabulary: {
    take: (options) => wordVocabulary(text, options),
    good: { size: 9, minCount: 1, unknown: null, end: '<end>', lowercase: true },
    key: 'minCount',
  },
  wordVocabularyFrom: {
    take: (options) =>
      wordVocabularyFrom(
        (async function* () {
          yield text;
        })(),
        options,
      ),
    good: { unknown: '<none>' },
    key: 'lowercase',
  },
  vocabularyFromJson: {
    take: (options) => vocabularyFromJson({ kind: 'bytes' }, options),
    good: { tokenizer: { name: 'a', size: 1, encode: () => [], decode: () => '' } },
    key: 'tokenizer',
  },
  readModel: {
    take: async (options) => readModel(await writeModel({ model, params, vocabulary }), options),
    good: { verify: false },
    key: 'verify',
  },
  forecastBand: { take: forecastBand, good: { forecasts, actuals: forecasts, coverage: 0.5 }, key: 'coverage' },
  'Predictor.forecast': {
    take: (options) => forecasting.forecast(2, options),
    good: { inputs: () => 1 },
    key: 'inputs',
    as: 'predictor.forecast',
  },
  readSafetensors: {
    take: (options) => readSafetensors(writeSafetensors({}), options),
    good: { verify: false },
    key: 'verify',
  },
  loadInto: { take: (options) => loadInto(params, file, options), good: { strict: false }, key: 'strict' },
  requireTensors: { take: (options) => requireTensors([], file, options), good: { prefix: 'a.' }, key: 'prefix' },
  fromKerasLstm: converts(
    (weights) => fromKerasLstm(weights),
    keras,
    'recurrentKernel',
    (target) => fromKerasLstm(keras, target),
  ),
  fromKerasGru: converts(
    (weights) => fromKerasGru(weights),
    kerasGru,
    'recurrentKernel',
    (target) => fromKerasGru(kerasGru, target),
  ),
  fromFlaxLstm: converts(
    (weights) => fromFlaxLstm(weights),
    flax,
    'hf',
    (target) => fromFlaxLstm(flax, target),
  ),
  fromOnnxLstm: converts(
    (weights) => fromOnnxLstm(weights),
    onnx,
    'r',
    (target) => fromOnnxLstm(onnx, target),
  ),
  fromOnnxGru: converts(
    (weights) => fromOnnxGru(weights),
    onnxGru,
    'linearBeforeReset',
    (target) => fromOnnxGru(onnxGru, target),
  ),
  fromOnnxRnn: converts(
    (weights) => fromOnnxRnn(weights),
    onnxRnn,
    'r',
    (target) => fromOnnxRnn(onnxRnn, target),
  ),
  toOnnxWeights: {
    take: (target) => toOnnxWeights('lstm', params.rnn, target),
    good: { layer: 0 },
    key: 'layer',
  },
  adam: { take: adam, ...rate },
  adamw: { take: adamw, ...rate },
  sgd: { take: sgd, ...rate },
  rmsprop: { take: rmsprop, ...rate },
  'Optimiser.update': {
    take: (options) => optimiser.update(params, gradient, state, options),
    good: { scale: null },
    key: 'scale',
    as: 'adam().update',
  },
  stepSchedule: { take: (options) => stepSchedule(0.1, options), good: { every: 2, factor: 0.5 }, key: 'factor' },
  cosineSchedule: { take: (options) => cosineSchedule(0.1, options), good: { steps: 2 }, key: 'minimum' },
  warmUp: { take: (options) => warmUp(() => 0.1, options), good: { steps: 2 }, key: 'startFactor' },
});
