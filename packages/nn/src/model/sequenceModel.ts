import {
  foldInName,
  linear as applyLinear,
  scope,
  type Key,
  type LstmCarry,
  type SequenceTask,
  type Shape,
  type StepContext,
  type Tensor,
} from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import {
  contextFor,
  dropout,
  embedding,
  gru,
  linear,
  lstm,
  rnn,
  type EmbeddingParams,
  type InitOptions,
  type LinearParams,
  type RecurrentLayer,
  type RecurrentLayerParams,
} from '../layers/index.js';
import { binaryCrossEntropy, countElements, countTargets, crossEntropy, meanSquaredError } from '../loss/index.js';
import { withoutIgnored } from '../loss/valid.js';
import type { Scored } from '../metrics/index.js';
import type { TensorSpec } from '../safetensors/index.js';
import { joinCarries, takeRows } from './carryRows.js';
import { bothMasks, withoutGradientAt, withoutPadding } from './padding.js';
import { initTable } from '../layers/parameter.js';
import { resolveConfig, type ResolvedConfig, type SequenceModelConfig } from './config.js';

/** Parameters of a sequence model; flattened by `treeEntries` they bear the names of a PyTorch state dict. */
export interface SequenceModelParams {
  /** Absent where the input is features. */
  readonly embedding?: EmbeddingParams;
  readonly rnn: RecurrentLayerParams;
  /** Its weight is absent where it is the embedding's. */
  readonly head: { readonly weight?: Tensor; readonly bias: Tensor };
}

/** h, or h and c for an LSTM: `[layers · directions, batch, hidden]`, batch 1 at the start of a sequence. */
export type SequenceModelCarry = Tensor | LstmCarry;

/** What the recurrence reads. */
export interface SequenceInputs {
  /** i32 `[time, batch]` for a vocabulary, else `[time, batch, features]`. */
  readonly inputs: Tensor;
  /** i32 `[time, batch]`; a step where it is 0 changes no carry and adds nothing to the loss. Default: all steps count. */
  readonly mask?: Tensor | null;
}

/** A stretch of sequence to learn. */
export interface SequenceStretch extends SequenceInputs {
  /** Classes, i32 `[time, batch]`, for crossEntropy, where a negative one is not counted; else `[time, batch, outputs]`. */
  readonly targets: Tensor;
  /**
   * i32 `[time, batch]`; a step where it is 0 is read, but adds nothing to the loss, whatever its target. One label for each
   * sequence is 1 at the row's last valid step and 0 elsewhere: however the sequence is cut, the update that reaches that step learns
   * it. Default: all steps that are not masked count.
   */
  readonly lossMask?: Tensor | null;
}

/** Embedding or features → stacked recurrence → linear head → loss: a task that every strategy can train. */
export interface SequenceModel extends SequenceTask<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor> {
  /** Every setting, defaults filled in; plain JSON. `sequenceModel(config)` makes the same model again. */
  readonly config: ResolvedConfig;
  init(key: Key, options?: InitOptions): SequenceModelParams;
  /**
   * Paths, shapes and dtypes of the parameters that `init` makes by default, one by one. Nothing is made for it: a file's tensors
   * can be compared with a configuration that came with them, `requireTensors(model.parameters(), file)`, before it is trusted.
   */
  parameters(): Iterable<readonly [path: string, tensor: TensorSpec]>;
  /** The carry of `batch` rows; default is one, which stands for every row. */
  initialCarry(params: SequenceModelParams, batch?: number): SequenceModelCarry;
  /** The carry that stands for every row of a stretch. */
  initialCarry(params: SequenceModelParams, stretch: SequenceInputs): SequenceModelCarry;
  /** Outputs of the last layer, `[time, batch, hidden]`, and the carry. */
  forward(
    params: SequenceModelParams,
    carry: SequenceModelCarry,
    stretch: SequenceInputs,
    context: StepContext,
  ): { readonly carry: SequenceModelCarry; readonly output: Tensor };
  /** The head: outputs of `forward` → `[time, batch, outputs]`, logits or predictions. */
  logits(params: SequenceModelParams, output: Tensor): Tensor;
  /** Rows of several carries side by side, in their order; a carry of batch 1 is one row. Belongs to the caller's scope. */
  joinCarries(carries: readonly SequenceModelCarry[]): SequenceModelCarry;
  /** Rows of a carry by number, copied, in the order given; a row may be taken twice. Belongs to the caller's scope. */
  takeRows(carry: SequenceModelCarry, rows: ArrayLike<number>): SequenceModelCarry;
  /** How many losses `loss` sums over a stretch, a scalar: what `normalise` divides by. */
  lossWeight(stretch: SequenceStretch): Tensor;
  /** What that is in one step of one row where nothing is masked: 1 for classes, else `outputs`. */
  readonly lossesPerStep: number;
  /** Logits or predictions beside the targets, those that the loss leaves out left out: what metrics compare. */
  scored(params: SequenceModelParams, output: Tensor, stretch: SequenceStretch, context: StepContext): Scored;
}

/**
 * A ready model. Dropout follows Zaremba, Sutskever & Vinyals 2014: on what enters each layer and what leaves the last one.
 * @throws ArgumentError when a setting makes no sense.
 */
export function sequenceModel(config: SequenceModelConfig): SequenceModel {
  const resolved = resolveConfig(config);
  const { input, hidden, outputs, loss, tieWeights, labelSmoothing, paddingIndex } = resolved;
  const padding = paddingIndex === null ? {} : { paddingIndex };
  const table =
    'vocabulary' in input ? embedding({ vocabulary: input.vocabulary, size: input.embedding, ...padding }) : null;
  const recurrence = recurrenceOf(resolved, 'vocabulary' in input ? input.embedding : input.features);
  const head = linear({ inputs: recurrence.outputSize, outputs });
  const drop = dropout(resolved.dropout);
  const ignore = resolved.ignoreIndex === null ? {} : { ignoreIndex: resolved.ignoreIndex };

  const targetsAreItems = loss === 'crossEntropy' && 'vocabulary' in input && outputs === input.vocabulary;

  const logits = (params: SequenceModelParams, output: Tensor): Tensor =>
    scope(() => applyLinear(output, headWeight(params), params.head.bias));

  function headWeight({ embedding: items, head: own }: SequenceModelParams): Tensor {
    if (!tieWeights) return own.weight as Tensor;
    const weight = (items as EmbeddingParams).weight;
    return paddingIndex === null ? weight : withoutGradientAt(weight, paddingIndex);
  }

  /** The mask of the steps whose losses count. */
  function countedSteps({ inputs, targets, mask = null, lossMask = null }: SequenceStretch): Tensor | null {
    const read = bothMasks(withoutPadding(inputs, paddingIndex, mask), lossMask);
    return targetsAreItems ? withoutPadding(targets, paddingIndex, read) : read;
  }

  return {
    config: resolved,
    causal: !resolved.bidirectional,
    lossesPerStep: loss === 'crossEntropy' ? 1 : outputs,
    init(key, options = {}) {
      checkOptions('sequenceModel().init', options, initTable);
      return scope(() => {
        const { weight, bias } = head.init(foldInName(key, 'head'), options) as Required<LinearParams>;
        const rest = {
          rnn: recurrence.init(foldInName(key, 'rnn'), options),
          head: tieWeights ? { bias } : { weight, bias },
        };
        return table === null ? rest : { embedding: table.init(foldInName(key, 'embedding'), options), ...rest };
      });
    },
    parameters: () => parametersOf(resolved, recurrence.parameters()),
    initialCarry: (params: SequenceModelParams, batch?: number | SequenceInputs) =>
      recurrence.initialCarry(params.rnn, typeof batch === 'number' ? batch : 1),
    forward: (params, carry, { inputs, mask: given = null }, context) =>
      scope(() => {
        const mask = withoutPadding(inputs, paddingIndex, given);
        const rnnContext = contextFor(context, 'rnn');
        const rows = params.embedding?.weight;
        // Where vectors enter as they are and some repeat, the first layer reads them by number.
        const repeats = rows !== undefined && (rows.shape[0] as number) < inputs.size;
        if (repeats && (drop.rate === 0 || context.key === null)) {
          return recurrence.apply(params.rnn, carry, inputs, { mask, table: rows, context: rnnContext });
        }
        const features = table === null ? inputs : table.apply(params.embedding as EmbeddingParams, inputs);
        const dropped = drop.apply(features, contextFor(context, 'input'));
        return recurrence.apply(params.rnn, carry, dropped, { mask, context: rnnContext });
      }),
    logits,
    joinCarries,
    takeRows,
    loss: (params, output, stretch, context) =>
      scope(() => {
        const { targets } = stretch;
        const mask = countedSteps(stretch);
        const predicted = logits(params, drop.apply(output, contextFor(context, 'output')));
        if (loss === 'crossEntropy') return crossEntropy(predicted, targets, { mask, labelSmoothing, ...ignore });
        return (loss === 'meanSquaredError' ? meanSquaredError : binaryCrossEntropy)(predicted, targets, { mask });
      }),
    lossWeight: (stretch) =>
      scope(() => {
        const mask = countedSteps(stretch);
        if (loss === 'crossEntropy') return countTargets(stretch.targets, { mask, ...ignore });
        return countElements(stretch.targets, { mask });
      }),
    scored: (params, output, stretch, context) =>
      scope(() => {
        const { targets } = stretch;
        const mask = countedSteps(stretch);
        const predictions = logits(params, drop.apply(output, contextFor(context, 'output')));
        if (loss === 'crossEntropy')
          return { kind: 'classes', predictions, targets: withoutIgnored(targets, { mask, ...ignore }), mask: null };
        return { kind: loss === 'meanSquaredError' ? 'numbers' : 'binary', predictions, targets, mask };
      }),
  };

  function recurrenceOf(settings: ResolvedConfig, inputSize: number): RecurrentLayer<SequenceModelCarry> {
    const { cell, layers, bidirectional, learnedCarry, forgetBias } = settings;
    const betweenLayers = layers > 1 ? settings.dropout : 0;
    const options = { inputSize, hiddenSize: hidden, layers, bidirectional, learnedCarry, dropout: betweenLayers };
    if (cell === 'lstm') return lstm({ ...options, forgetBias });
    if (cell === 'gru') return gru(options);
    return rnn({ ...options, activation: cell === 'rnnRelu' ? 'relu' : 'tanh' });
  }
}

function* parametersOf(
  { input, outputs, hidden, bidirectional, tieWeights }: ResolvedConfig,
  recurrent: Iterable<readonly [name: string, shape: Shape]>,
): Generator<[path: string, tensor: TensorSpec]> {
  const float = (shape: Shape): TensorSpec => ({ dtype: 'f32', shape });
  if ('vocabulary' in input) yield ['embedding.weight', float([input.vocabulary, input.embedding])];
  if (!tieWeights) yield ['head.weight', float([outputs, hidden * (bidirectional ? 2 : 1)])];
  yield ['head.bias', float([outputs])];
  for (const [name, shape] of recurrent) yield [`rnn.${name}`, float(shape)];
}
