import {
  ArgumentError,
  disposeTree,
  foldInName,
  scope,
  shareTree,
  type Key,
  type SequenceTask,
  type Shape,
  type StepContext,
  type Tensor,
} from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import { contextFor, dropout, type EmbeddingParams, type InitOptions } from '../layers/index.js';
import { initTable, parameter } from '../layers/parameter.js';
import { faultOfItems, requireItems } from '../layers/requireItems.js';
import { assessesAtOnce } from '../metrics/assess.js';
import type { Scored } from '../metrics/index.js';
import { zeroInit } from '../init/index.js';
import type { TensorSpec } from '../safetensors/index.js';
import { joinCarries, takeRows } from './carryRows.js';
import type { ResolvedConfig, SequenceModelConfig } from './config.js';
import { inputReader } from './inputReader.js';
import { initialiserAs } from './modelInitialisers.js';
import { itemsOf, type ModelInput, type NamedInputs } from './ModelInput.js';
import { modelHead } from './modelHead.js';
import { modelLoss, type Labels } from './modelLoss.js';
import { bothMasks, withoutPadding } from './padding.js';
import { readoutOf } from './pooling/poolingOf.js';
import { recurrenceOf } from './recurrenceOf.js';
import { paramsCheck } from './requireParams.js';
import { requireSteps } from './requireSteps.js';
import { resolveConfig } from './resolveConfig.js';
import type {
  PooledCarry,
  RecurrentCarry,
  SequenceInputs,
  SequenceModelCarry,
  SequenceModelParams,
  SequenceStretch,
} from './SequenceStretch.js';

export type {
  PooledCarry,
  RecurrentCarry,
  SequenceInputs,
  SequenceModelCarry,
  SequenceModelParams,
  SequenceStretch,
} from './SequenceStretch.js';

/** A model of any inputs. */
export type AnySequenceModel = SequenceModel<ModelInput | NamedInputs>;

/** What a run over a stretch leaves. */
export interface SequenceOutputs {
  readonly carry: SequenceModelCarry;
  /** `[time, batch, directions · hidden]` */
  readonly output: Tensor;
}

/** Inputs → stacked recurrence → pooling → linear head → loss: a task that every strategy can train. */
export interface SequenceModel<I extends ModelInput | NamedInputs = ModelInput> extends SequenceTask<
  SequenceModelParams<I>,
  SequenceModelCarry,
  SequenceStretch<I>,
  Tensor
> {
  /** Every setting, defaults filled in; plain JSON. `sequenceModel(config)` makes the same model again. */
  readonly config: ResolvedConfig<I>;
  /** New parameters, a tree whose paths are the names PyTorch gives them. */
  init(key: Key, options?: InitOptions): SequenceModelParams<I>;
  /**
   * Paths, shapes and dtypes of the parameters that `init` makes by default, one by one. Nothing is made for it: a file's tensors
   * can be compared with a configuration that came with them, `requireTensors(model.parameters(), file)`, before it is trusted.
   */
  parameters(): Iterable<readonly [path: string, tensor: TensorSpec]>;
  /** The carry of `batch` rows; default is one, which stands for every row. */
  initialCarry(params: SequenceModelParams<I>, batch?: number): SequenceModelCarry;
  /** The carry of as many rows as the stretch has. */
  initialCarry(params: SequenceModelParams<I>, stretch: SequenceInputs<I>): SequenceModelCarry;
  /** Outputs of the last layer, or what the pooling makes of them, `[time, batch, directions · hidden]`, and the carry. */
  forward(
    params: SequenceModelParams<I>,
    carry: SequenceModelCarry,
    stretch: SequenceInputs<I>,
    context: StepContext,
  ): SequenceOutputs;
  /** The head: outputs of `forward` → `[time, batch, outputs]`, logits or predictions. */
  logits(params: SequenceModelParams<I>, output: Tensor): Tensor;
  /** Rows of several carries side by side, in their order; a carry of batch 1 is one row. Belongs to the caller's scope. */
  joinCarries(carries: readonly SequenceModelCarry[]): SequenceModelCarry;
  /** Rows of a carry by number, copied, in the order given; a row may be taken twice. Belongs to the caller's scope. */
  takeRows(carry: SequenceModelCarry, rows: ArrayLike<number>): SequenceModelCarry;
  /** What of a stretch does not fit the model, in words, or null: items and targets that are not in it. `from` is the stretch's first step. */
  faultOf(stretch: SequenceStretch<I>, from: number): Promise<string | null>;
  /** How many losses `loss` sums over a stretch, a scalar: what `normalise` divides by. Class weights do not change it. */
  lossWeight(stretch: SequenceStretch<I>): Tensor;
  /** What that is in one step of one row where nothing is masked: 1 for classes, else `outputs`. */
  readonly lossesPerStep: number;
  /** Logits or predictions beside the targets, those that the loss leaves out left out: what metrics compare. */
  scored(params: SequenceModelParams<I>, output: Tensor, stretch: SequenceStretch<I>, context: StepContext): Scored;
}

/**
 * A ready model. Dropout follows Zaremba, Sutskever & Vinyals 2014: on what enters each layer and what leaves the last one, or the
 * pooling.
 * @throws ArgumentError when a setting makes no sense.
 */
export function sequenceModel<I extends ModelInput | NamedInputs = ModelInput>(
  config: SequenceModelConfig<I>,
): SequenceModel<I> {
  const resolved = resolveConfig(config);
  const { outputs, tieWeights, paddingIndex, initialisers } = resolved;
  const items = itemsOf(resolved.input);
  const reader = inputReader(resolved.input, {
    ...(paddingIndex === null ? {} : { paddingIndex }),
    ...initialiserAs('init', initialisers.embedding),
  });
  const recurrence = recurrenceOf(resolved, reader.size);
  const readout = readoutOf(resolved.pooling, recurrence.outputSize, resolved.bidirectional);
  const head = modelHead(resolved, recurrence.outputSize);
  const drop = dropout(resolved.dropout);
  const lossOf = modelLoss(resolved);
  const targetsAreItems = resolved.loss === 'crossEntropy' && outputs === items;

  /** The mask of the steps that are read. */
  const readSteps = ({ inputs, mask = null }: SequenceInputs<I>): Tensor | null =>
    paddingIndex === null ? mask : withoutPadding(inputs as Tensor, paddingIndex, mask);

  /** Targets, and the mask of the steps whose losses count. */
  function labelsOf(stretch: SequenceStretch<I>): Labels {
    const { targets, lossMask = null } = stretch;
    const read = bothMasks(readSteps(stretch), lossMask);
    return { targets, mask: targetsAreItems ? withoutPadding(targets, paddingIndex, read) : read };
  }

  /** The same of a stretch to learn. @throws ShapeError for a loss mask of other steps. */
  function toLearn(stretch: SequenceStretch<I>): Labels {
    requireSteps('lossMask', stretch.lossMask, stretch.inputs);
    return labelsOf(stretch);
  }

  /** The recurrence over a stretch: outputs of the last layer. */
  function recur(
    params: SequenceModelParams<I>,
    carry: RecurrentCarry,
    inputs: unknown,
    mask: Tensor | null,
    context: StepContext,
  ): { readonly carry: RecurrentCarry; readonly output: Tensor } {
    const rnnContext = contextFor(context, 'rnn');
    if (items !== null && items < (inputs as Tensor).size && (drop.rate === 0 || context.key === null)) {
      // Where vectors enter as they are and some repeat, the first layer reads them by number.
      const { weight: table } = params.embedding as EmbeddingParams;
      return recurrence.apply(params.rnn, carry, inputs as Tensor, { mask, table, context: rnnContext });
    }
    const vectors = reader.read(params.embedding, inputs);
    const read = drop.rate === 0 ? vectors : drop.apply(vectors, contextFor(context, 'input'));
    return recurrence.apply(params.rnn, carry, read, { mask, context: rnnContext });
  }

  function* parameters(): Iterable<readonly [path: string, tensor: TensorSpec]> {
    const float = (shape: Shape): TensorSpec => ({ dtype: 'f32', shape });
    for (const [path, shape] of reader.parameters()) yield [path, float(shape)];
    if (!tieWeights) yield ['head.weight', float([outputs, recurrence.outputSize])];
    yield ['head.bias', float([outputs])];
    if (resolved.pooling === 'attention') yield ['pooling.query', float([recurrence.outputSize])];
    for (const [name, shape] of recurrence.parameters()) yield [`rnn.${name}`, float(shape)];
  }

  const requireParams = paramsCheck(parameters);

  const model: SequenceModel<I> = {
    config: resolved,
    causal: !resolved.bidirectional,
    init(key, options = {}) {
      checkOptions('sequenceModel().init', options, initTable);
      return scope(() => {
        const tables = reader.init(key, options);
        const query = (): Tensor => parameter(key, 'pooling.query', [recurrence.outputSize], zeroInit(), options);
        const params = {
          ...(tables === null ? {} : { embedding: tables }),
          rnn: recurrence.init(foldInName(key, 'rnn'), options),
          ...(resolved.pooling === 'attention' ? { pooling: { query: query() } } : {}),
          head: head.init(foldInName(key, 'head'), options),
        };
        return params as SequenceModelParams<I>;
      });
    },
    parameters,
    initialCarry(params: SequenceModelParams<I>, rows: number | SequenceInputs<I> = 1) {
      requireParams(params);
      const batch = typeof rows === 'number' ? rows : reader.batchOf(rows.inputs);
      return scope(() => {
        const carry = recurrence.initialCarry(params.rnn, batch);
        if (readout === null) return carry;
        const { dtype, backend } = params.head.bias;
        return { rnn: carry, pooling: readout.initialCarry(batch, { dtype: dtype as 'f32', backend }) };
      });
    },
    forward(params, carry, stretch, context) {
      requireParams(params);
      reader.batchOf(stretch.inputs);
      requireSteps('mask', stretch.mask, stretch.inputs);
      return scope(() => {
        const mask = readSteps(stretch);
        for (const { op, items: given, vocabulary } of reader.items(stretch.inputs))
          requireItems(op, given, vocabulary, mask, context.from);
        if (readout === null) return recur(params, carry as RecurrentCarry, stretch.inputs, mask, context);
        const { rnn, pooling } = requirePooled(carry);
        const read = recur(params, rnn, stretch.inputs, mask, context);
        const pooled = readout.apply(params.pooling, pooling, read.output, mask);
        return { carry: { rnn: read.carry, pooling: pooled.carry }, output: pooled.output };
      });
    },
    logits: head.logits,
    joinCarries,
    takeRows,
    loss: (params, output, stretch, context) => scope(() => head.loss(params, output, toLearn(stretch), context)),
    async faultOf(stretch, from) {
      const { targets, mask } = scope(() => shareTree({ targets: stretch.targets, mask: labelsOf(stretch).mask }));
      const read = scope(() => shareTree(readSteps(stretch)));
      try {
        for (const { op, items: given, vocabulary } of reader.items(stretch.inputs)) {
          const fault = await faultOfItems(op, given, vocabulary, read, from);
          if (fault !== null) return fault;
        }
        return await lossOf.faultOf({ targets, mask }, from);
      } finally {
        disposeTree([targets, mask, read]);
      }
    },
    lossWeight: (stretch) => scope(() => lossOf.count(labelsOf(stretch))),
    lossesPerStep: resolved.loss === 'crossEntropy' ? 1 : outputs,
    scored: (params, output, stretch, context) => scope(() => head.scored(params, output, labelsOf(stretch), context)),
  };
  assessesAtOnce(model, (params, output, stretch, context) =>
    scope(() => head.assess(params, output, toLearn(stretch), context)),
  );
  return model;
}

/** @throws ArgumentError for the carry of a model that does not pool. */
function requirePooled(carry: SequenceModelCarry): PooledCarry {
  if (typeof carry === 'object' && carry !== null && 'rnn' in carry && 'pooling' in carry) return carry as PooledCarry;
  throw new ArgumentError(
    'sequenceModel: the carry of a model that pools is { rnn, pooling }, but this one is not; make it with initialCarry().',
  );
}
