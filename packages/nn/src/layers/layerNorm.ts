import { layerNorm as applyLayerNorm, ones, scope, zeros, type Key, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { constantInit, zeroInit } from '../init/index.js';
import { initTable, parameter, requireSizes, type InitOptions } from './parameter.js';

/** Parameters of a layer norm, with PyTorch's names; both absent without `affine`. */
export interface LayerNormParams {
  /** `[size]`, ones at the start. */
  readonly weight?: Tensor;
  /** `[size]`, zeros at the start. */
  readonly bias?: Tensor;
}

/** Size of a layer norm. */
export interface LayerNormOptions {
  /** Length of the last axis. */
  readonly size: number;
  /** ε; default is 1e-5. */
  readonly epsilon?: number;
  /** Whether it has a weight and a bias; default is true. */
  readonly affine?: boolean;
}

/** Normalises the last axis. */
export interface LayerNormLayer {
  /** New parameters: weights of 1, and biases of 0. */
  init(key: Key, options?: InitOptions): LayerNormParams;
  /** `[…, size]` → the same shape. */
  apply(params: LayerNormParams, input: Tensor): Tensor;
}

const layerNormTable = optionTable<LayerNormOptions>({
  size: required('number'),
  epsilon: 'number',
  affine: 'boolean',
});

/** `(x − mean)/√(var + ε) ⊙ weight + bias` over the last axis, with the biased variance. Source: Ba, Kiros & Hinton 2016, equations 3 and 4. */
export function layerNorm(options: LayerNormOptions): LayerNormLayer {
  checkOptions('layerNorm', options, layerNormTable);
  const { size, epsilon = 1e-5, affine = true } = options;
  requireSizes('layerNorm', { size });
  return {
    init(key, where = {}) {
      checkOptions('layerNorm().init', where, initTable);
      if (!affine) return {};
      return {
        weight: parameter(key, 'weight', [size], constantInit(1), where),
        bias: parameter(key, 'bias', [size], zeroInit(), where),
      };
    },
    apply: (params, input) =>
      scope(() => {
        const like = { dtype: input.dtype, backend: input.backend };
        return applyLayerNorm(input, params.weight ?? ones([size], like), params.bias ?? zeros([size], like), epsilon);
      }),
  };
}
