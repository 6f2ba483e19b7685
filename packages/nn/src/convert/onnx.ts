import { ArgumentError, concat, row, scope, sliceAxis, stack, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required, type OptionKinds } from '@tempograd/core/backend';
import type { RecurrentLayerParams } from '../layers/index.js';
import { suffixOf } from '../layers/recurrent/params.js';
import { layerOf, reorderGates, type ConvertTarget } from './layerOf.js';

/** Inputs W, R and B of an ONNX recurrent operator. */
export interface OnnxWeights {
  /** `[directions, gates · hidden, inputs]`. */
  readonly w: Tensor;
  /** `[directions, gates · hidden, hidden]`. */
  readonly r: Tensor;
  /** `[directions, 2 · gates · hidden]`: the input's biases, then the recurrence's. */
  readonly b?: Tensor | null;
}

/** Those of a GRU, with the operator's attribute, which must be 1. */
export interface OnnxGruWeights extends OnnxWeights {
  readonly linearBeforeReset: number;
}

/** Which layer of a stack; the operator's directions are forward and reverse. */
export type OnnxTarget = Pick<ConvertTarget, 'layer'>;

const weightKinds: OptionKinds<OnnxWeights> = {
  w: required('tensor'),
  r: required('tensor'),
  b: 'tensor or null',
};
const weightsTable = optionTable<OnnxWeights>(weightKinds);
const gruTable = optionTable<OnnxGruWeights>({ ...weightKinds, linearBeforeReset: required('number') });
const targetTable = optionTable<OnnxTarget>({ layer: 'number' });

/** For each operator: block i of a layer's gates is block `order[i]` of the operator's. */
const orders = { lstm: [0, 2, 3, 1], gru: [1, 0, 2], rnn: [0] } as const;

/**
 * An ONNX LSTM: gates i, o, f, c become i, f, g, o; both directions where there are two. Peepholes have no counterpart.
 * Results belong to the caller's scope. Source: onnx.ai/onnx/operators/onnx__LSTM.html.
 */
export function fromOnnxLstm(weights: OnnxWeights, target: OnnxTarget = {}): RecurrentLayerParams {
  checkOptions('fromOnnxLstm', weights, weightsTable, 'weights');
  checkOptions('fromOnnxLstm', target, targetTable);
  return convert(weights, orders.lstm, target);
}

/**
 * An ONNX GRU with `linear_before_reset = 1`: gates z, r, h become r, z, n; both directions where there are two.
 * Results belong to the caller's scope. Source: onnx.ai/onnx/operators/onnx__GRU.html.
 * @throws ArgumentError for `linear_before_reset = 0`, ONNX's default, whose equations are others.
 */
export function fromOnnxGru(weights: OnnxGruWeights, target: OnnxTarget = {}): RecurrentLayerParams {
  checkOptions('fromOnnxGru', weights, gruTable, 'weights');
  checkOptions('fromOnnxGru', target, targetTable);
  const { linearBeforeReset } = weights;
  if (linearBeforeReset !== 1) {
    throw new ArgumentError(
      `fromOnnxGru: linear_before_reset is ${linearBeforeReset}, which resets before the product; only 1 has the equations of gru().`,
    );
  }
  return convert(weights, orders.gru, target);
}

/** An ONNX RNN; both directions where there are two. Results belong to the caller's scope. Source: onnx.ai/onnx/operators/onnx__RNN.html. */
export function fromOnnxRnn(weights: OnnxWeights, target: OnnxTarget = {}): RecurrentLayerParams {
  checkOptions('fromOnnxRnn', weights, weightsTable, 'weights');
  checkOptions('fromOnnxRnn', target, targetTable);
  return convert(weights, orders.rnn, target);
}

/**
 * One layer of a stack as an ONNX operator's W, R and B, both directions where it has two; a GRU's are for
 * `linear_before_reset = 1`. What `fromOnnxLstm`, `fromOnnxGru` and `fromOnnxRnn` take apart. Results belong to the caller's scope.
 * @throws ArgumentError when there is no such operator, or no such layer in the stack.
 */
export function toOnnxWeights(
  operator: 'lstm' | 'gru' | 'rnn',
  params: RecurrentLayerParams,
  target: OnnxTarget = {},
): OnnxWeights {
  checkOptions('toOnnxWeights', target, targetTable);
  const { layer = 0 } = target;
  if (!Object.hasOwn(orders, operator)) {
    throw new ArgumentError(`toOnnxWeights: there is no operator "${operator}"; choose lstm, gru or rnn.`);
  }
  const order = orders[operator].map((_, gate) => (orders[operator] as readonly number[]).indexOf(gate));
  const suffixes = [suffixOf(layer, false), suffixOf(layer, true)].filter((suffix) => params[`weight_ih${suffix}`]);
  if (suffixes.length === 0) {
    throw new ArgumentError(
      `toOnnxWeights: the parameters have no layer ${layer}; they have ${Object.keys(params).join(', ') || 'none'}.`,
    );
  }
  return scope(() => {
    const all = (kind: 'weight_ih' | 'weight_hh' | 'bias_ih' | 'bias_hh'): Tensor[] =>
      suffixes.flatMap((suffix) => {
        const tensor = params[`${kind}${suffix}` as keyof RecurrentLayerParams];
        return tensor ? [reorderGates(tensor, order)] : [];
      });
    const [biasIh, biasHh] = [all('bias_ih'), all('bias_hh')];
    const b = biasIh.length === 0 ? null : concat([stack(biasIh), stack(biasHh)], 1);
    return { w: stack(all('weight_ih')), r: stack(all('weight_hh')), b };
  });
}

function convert({ w, r, b }: OnnxWeights, order: readonly number[], target: OnnxTarget): RecurrentLayerParams {
  return scope(() => {
    const directions = Array.from({ length: w.shape[0] as number }, (_, direction) => {
      const weights = {
        weight_ih: reorderGates(row(w, direction), order),
        weight_hh: reorderGates(row(r, direction), order),
      };
      const place = { ...target, reverse: direction === 1 };
      if (!b) return layerOf(weights, place);
      const biases = row(b, direction);
      const half = (biases.shape[0] as number) / 2;
      const bias_ih = reorderGates(sliceAxis(biases, 0, half), order);
      return layerOf({ ...weights, bias_ih, bias_hh: reorderGates(sliceAxis(biases, half, 2 * half), order) }, place);
    });
    return Object.assign({}, ...directions) as RecurrentLayerParams;
  });
}
