import { linear as applyLinear, type Key, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { uniformInit, type Initialiser } from '../init/index.js';
import { initTable, parameter, requireSizes, type InitOptions } from './parameter.js';

/** Parameters of a linear layer, with PyTorch's names. */
export interface LinearParams {
  /** `[outputs, inputs]`. */
  readonly weight: Tensor;
  /** `[outputs]`; absent without bias. */
  readonly bias?: Tensor;
}

/** Sizes and starting values of a linear layer. */
export interface LinearOptions {
  /** Features that come in. */
  readonly inputs: number;
  /** Features that go out. */
  readonly outputs: number;
  /** Default is true. */
  readonly bias?: boolean;
  /** Default is PyTorch's `U(±1/√inputs)`. */
  readonly weightInit?: Initialiser;
  /** Default is PyTorch's `U(±1/√inputs)`. */
  readonly biasInit?: Initialiser;
}

/** An affine map of the last axis. */
export interface LinearLayer {
  /** New parameters: a weight `[outputs, inputs]`, and a bias. */
  init(key: Key, options?: InitOptions): LinearParams;
  /** `[…, inputs]` → `[…, outputs]`. */
  apply(params: LinearParams, input: Tensor): Tensor;
}

const linearTable = optionTable<LinearOptions>({
  inputs: required('number'),
  outputs: required('number'),
  bias: 'boolean',
  weightInit: 'function',
  biasInit: 'function',
});

/** `y = x Wᵀ + b`. @throws ArgumentError when a size is not a whole number ≥ 1. */
export function linear(options: LinearOptions): LinearLayer {
  checkOptions('linear', options, linearTable);
  const { inputs, outputs, bias = true, weightInit, biasInit } = options;
  requireSizes('linear', { inputs, outputs });
  const standard = uniformInit(1 / Math.sqrt(inputs));
  return {
    init(key, where = {}) {
      checkOptions('linear().init', where, initTable);
      const weight = parameter(key, 'weight', [outputs, inputs], weightInit ?? standard, where);
      return bias ? { weight, bias: parameter(key, 'bias', [outputs], biasInit ?? standard, where) } : { weight };
    },
    apply: (params, input) => applyLinear(input, params.weight, params.bias),
  };
}
