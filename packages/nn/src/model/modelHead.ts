import { linear as applyLinear, scalar, scope, type Key, type StepContext, type Tensor } from '@tempograd/core';
import { contextFor, dropout, linear, type EmbeddingParams, type InitOptions } from '../layers/index.js';
import type { Assessed } from '../metrics/assess.js';
import type { Scored } from '../metrics/index.js';
import type { ResolvedConfig } from './config.js';
import { dropSteps, takeSteps } from './countedSteps.js';
import { initialiserAs } from './modelInitialisers.js';
import type { AnyInput } from './ModelInput.js';
import { modelLoss, type Labels } from './modelLoss.js';
import { withoutGradientAt } from './padding.js';
import type { SequenceModelParams } from './SequenceStretch.js';

/** What makes predictions of a model's outputs, `[time, batch, size]`, and losses of predictions; what is made on the way is the caller's scope's, too. */
export interface ModelHead<I extends AnyInput> {
  init(key: Key, options: InitOptions): { readonly weight?: Tensor; readonly bias: Tensor };
  /** `[time, batch, outputs]` */
  logits(params: SequenceModelParams<I>, output: Tensor): Tensor;
  loss(params: SequenceModelParams<I>, output: Tensor, labels: Labels, context: StepContext): Tensor;
  scored(params: SequenceModelParams<I>, output: Tensor, labels: Labels, context: StepContext): Scored;
  /** Both, of predictions that are made once where the loss needs those of all steps. */
  assess(params: SequenceModelParams<I>, output: Tensor, labels: Labels, context: StepContext): Assessed;
}

/** The head of a model: dropout, a linear layer, and the loss. */
export function modelHead<I extends AnyInput>(config: ResolvedConfig<I>, size: number): ModelHead<I> {
  const { outputs, tieWeights, paddingIndex, initialisers } = config;
  const layer = linear({ inputs: size, outputs, ...initialiserAs('weightInit', initialisers.head) });
  const drop = dropout(config.dropout);
  const lossOf = modelLoss(config);

  const logits = (params: SequenceModelParams<I>, output: Tensor): Tensor =>
    scope(() => applyLinear(output, weightOf(params), params.head.bias));

  function weightOf({ embedding, head }: SequenceModelParams<I>): Tensor {
    if (!tieWeights) return head.weight as Tensor;
    const { weight } = embedding as EmbeddingParams;
    return paddingIndex === null ? weight : withoutGradientAt(weight, paddingIndex);
  }

  const predictionsOf = (params: SequenceModelParams<I>, output: Tensor, context: StepContext): Tensor =>
    logits(params, drop.rate === 0 ? output : drop.apply(output, contextFor(context, 'output')));

  /** The loss, of predictions where they are there already; where few steps have one, the head runs for these alone. */
  function lossFrom(
    params: SequenceModelParams<I>,
    output: Tensor,
    labels: Labels,
    context: StepContext,
    predictions: Tensor | null,
  ): Tensor {
    lossOf.require([...output.shape.slice(0, 2), outputs], labels, context.from);
    const counted = lossOf.counted(labels);
    if (counted === null) return lossOf.sum(predictions ?? predictionsOf(params, output, context), labels);
    if (counted.count === 0) return scalar(0, { dtype: output.dtype, backend: output.backend });
    const chosen = dropSteps(drop, takeSteps(output, counted), counted, contextFor(context, 'output'));
    const [targets, mask] = [takeSteps(labels.targets, counted), labels.mask && takeSteps(labels.mask, counted)];
    return lossOf.sum(logits(params, chosen), { targets, mask });
  }

  return {
    init(key, options) {
      const { weight, bias } = layer.init(key, options) as { weight: Tensor; bias: Tensor };
      return tieWeights ? { bias } : { weight, bias };
    },
    logits,
    loss: (params, output, labels, context) => lossFrom(params, output, labels, context, null),
    scored: (params, output, labels, context) => lossOf.scored(predictionsOf(params, output, context), labels),
    assess(params, output, labels, context) {
      const predictions = predictionsOf(params, output, context);
      return {
        loss: lossFrom(params, output, labels, context, predictions),
        scored: lossOf.scored(predictions, labels),
      };
    },
  };
}
