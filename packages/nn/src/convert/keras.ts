import { ArgumentError, row, scope, transpose, zerosLike, type Tensor } from '@tempograd/core';
import { checkOptions, formatShape, optionTable, required } from '@tempograd/core/backend';
import type { RecurrentLayerParams } from '../layers/index.js';
import { checkTarget, layerOf, reorderGates, type ConvertTarget } from './layerOf.js';

/** Weights of a Keras recurrent layer as `get_weights()` gives them. */
export interface KerasWeights {
  /** `[inputs, gates · units]`. */
  readonly kernel: Tensor;
  /** `[units, gates · units]`. */
  readonly recurrentKernel: Tensor;
  /** LSTM: `[4 · units]`. GRU: `[2, 3 · units]`. */
  readonly bias?: Tensor | null;
}

const weightsTable = optionTable<KerasWeights>({
  kernel: required('tensor'),
  recurrentKernel: required('tensor'),
  bias: 'tensor or null',
});

/** A Keras LSTM: gates i, f, c, o as here, kernels transposed, and one bias, to which the second is 0. Results belong to the caller's scope. */
export function fromKerasLstm(weights: KerasWeights, target?: ConvertTarget): RecurrentLayerParams {
  checkOptions('fromKerasLstm', weights, weightsTable, 'weights');
  checkTarget('fromKerasLstm', target);
  const { kernel, recurrentKernel, bias } = weights;
  return scope(() => {
    const params = { weight_ih: transpose(kernel), weight_hh: transpose(recurrentKernel) };
    if (!bias) return layerOf(params, target);
    return layerOf({ ...params, bias_ih: reorderGates(bias, [0, 1, 2, 3]), bias_hh: zerosLike(bias) }, target);
  });
}

/**
 * A Keras GRU with `reset_after=True`, its default: gates z, r, h become r, z, n. Without a bias the weights do not tell
 * the two kinds apart. Results belong to the caller's scope.
 * @throws ArgumentError for a bias of `reset_after=False`, whose equations are others.
 */
export function fromKerasGru(weights: KerasWeights, target?: ConvertTarget): RecurrentLayerParams {
  checkOptions('fromKerasGru', weights, weightsTable, 'weights');
  checkTarget('fromKerasGru', target);
  const { kernel, recurrentKernel, bias } = weights;
  if (bias && bias.rank !== 2) {
    throw new ArgumentError(
      `fromKerasGru: the bias ${formatShape(bias.shape)} is that of a GRU with reset_after=False, which resets before the product; ` +
        'only reset_after=True, with a bias [2, 3 · units], has the equations of gru().',
    );
  }
  return scope(() => {
    const order = [1, 0, 2];
    const params = {
      weight_ih: reorderGates(transpose(kernel), order),
      weight_hh: reorderGates(transpose(recurrentKernel), order),
    };
    if (!bias) return layerOf(params, target);
    return layerOf(
      { ...params, bias_ih: reorderGates(row(bias, 0), order), bias_hh: reorderGates(row(bias, 1), order) },
      target,
    );
  });
}
