import { ArgumentError, row, scope, sliceAxis, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required, type OptionKinds } from '@tempograd/core/backend';
import type { RecurrentLayerParams } from '../layers/index.js';
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
const lstmTable = optionTable<OnnxWeights>(weightKinds);
const gruTable = optionTable<OnnxGruWeights>({ ...weightKinds, linearBeforeReset: required('number') });
const targetTable = optionTable<OnnxTarget>({ layer: 'number' });

/**
 * An ONNX LSTM: gates i, o, f, c become i, f, g, o; both directions where there are two. Peepholes have no counterpart.
 * Results belong to the caller's scope. Source: onnx.ai/onnx/operators/onnx__LSTM.html.
 */
export function fromOnnxLstm(weights: OnnxWeights, target: OnnxTarget = {}): RecurrentLayerParams {
  checkOptions('fromOnnxLstm', weights, lstmTable, 'weights');
  checkOptions('fromOnnxLstm', target, targetTable);
  return convert(weights, [0, 2, 3, 1], target);
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
  return convert(weights, [1, 0, 2], target);
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
