import type { RecurrentParams, Tensor } from '@tempograd/core';
import {
  fromOnnxGru,
  fromOnnxLstm,
  fromOnnxRnn,
  type OnnxTarget,
  type OnnxWeights,
  type RecurrentLayerParams,
} from '@tempograd/nn';
import type { RecurrentSettings } from '../operator/settings.js';

/** The cell that computes what the operator computes, where it is not beyond our layers. */
export function layerCell({ operator, activations }: RecurrentSettings): 'lstm' | 'gru' | 'rnnTanh' | 'rnnRelu' {
  if (operator === 'RNN') return activations[0]?.toLowerCase() === 'relu' ? 'rnnRelu' : 'rnnTanh';
  return operator === 'LSTM' ? 'lstm' : 'gru';
}

/** An operator's weights by the names they have in a stack. */
export function layerParams(
  { operator }: RecurrentSettings,
  weights: OnnxWeights,
  target: OnnxTarget = {},
): RecurrentLayerParams {
  if (operator === 'LSTM') return fromOnnxLstm(weights, target);
  if (operator === 'GRU') return fromOnnxGru({ ...weights, linearBeforeReset: 1 }, target);
  return fromOnnxRnn(weights, target);
}

/** The weights of one direction of an operator. */
export function directionParams(settings: RecurrentSettings, weights: OnnxWeights, direction: number): RecurrentParams {
  const params = layerParams(settings, weights);
  const suffix = direction === 1 ? '_l0_reverse' : '_l0';
  return {
    weight_ih: params[`weight_ih${suffix}`] as Tensor,
    weight_hh: params[`weight_hh${suffix}`] as Tensor,
    bias_ih: params[`bias_ih${suffix}`] ?? null,
    bias_hh: params[`bias_hh${suffix}`] ?? null,
  };
}
