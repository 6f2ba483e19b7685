import { concat, scope, transpose, zerosLike, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { RecurrentLayerParams } from '../layers/index.js';
import { checkTarget, layerOf, type ConvertTarget } from './layerOf.js';

/** Parameters of Flax linen's `LSTMCell` or `OptimizedLSTMCell`: a dense map per gate, `ii … io` of the input, `hi … ho` of h. */
export interface FlaxLstmWeights {
  readonly ii: FlaxDense;
  readonly if: FlaxDense;
  readonly ig: FlaxDense;
  readonly io: FlaxDense;
  readonly hi: FlaxDense;
  readonly hf: FlaxDense;
  readonly hg: FlaxDense;
  readonly ho: FlaxDense;
}

/** A dense map: kernel `[inputs, units]`, bias `[units]`, which only those of h have. */
export interface FlaxDense {
  readonly kernel: Tensor;
  readonly bias?: Tensor | null;
}

const weightsTable = optionTable<FlaxLstmWeights>({
  ii: required('object'),
  if: required('object'),
  ig: required('object'),
  io: required('object'),
  hi: required('object'),
  hf: required('object'),
  hg: required('object'),
  ho: required('object'),
});

const denseTable = optionTable<FlaxDense>({ kernel: required('tensor'), bias: 'tensor or null' });

/** A Flax linen LSTM: gate by gate, kernels transposed, the one bias kept in `bias_hh`. Results belong to the caller's scope. */
export function fromFlaxLstm(weights: FlaxLstmWeights, target?: ConvertTarget): RecurrentLayerParams {
  checkOptions('fromFlaxLstm', weights, weightsTable, 'weights');
  for (const [gate, dense] of Object.entries(weights))
    checkOptions('fromFlaxLstm', dense, denseTable, `weights.${gate}`);
  checkTarget('fromFlaxLstm', target);
  return scope(() => {
    const { ii, if: inputForget, ig, io, hi, hf, hg, ho } = weights;
    const kernels = (gates: readonly FlaxDense[]): Tensor => concat(gates.map(({ kernel }) => transpose(kernel)));
    const biases = [hi, hf, hg, ho].flatMap(({ bias }) => bias ?? []);
    const params = { weight_ih: kernels([ii, inputForget, ig, io]), weight_hh: kernels([hi, hf, hg, ho]) };
    if (biases.length === 0) return layerOf(params, target);
    const bias = concat(biases);
    return layerOf({ ...params, bias_ih: zerosLike(bias), bias_hh: bias }, target);
  });
}
