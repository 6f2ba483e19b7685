import {
  concat,
  lstmCell,
  rnnCell,
  scope,
  sliceAxis,
  transpose,
  zerosLike,
  type Backend,
  type Cell,
  type LstmCarry,
  type RecurrentParams,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { fromTfjs } from '../interop/fromTfjs.js';
import { resetBeforeGruCell } from './resetBeforeGruCell.js';
import { layerKind, type TfLayer } from './TfLayer.js';

/** A layer of tf.layers as what `scan` and the strategies take. */
export type ConvertedLayer = ConvertedSingleState | ConvertedLstm;

/** A SimpleRNN or GRU; its carry is h, `[batch, units]`. */
export interface ConvertedSingleState {
  readonly kind: 'rnn' | 'gru';
  readonly cell: Cell<RecurrentParams, Tensor>;
  readonly params: RecurrentParams;
}

/** An LSTM; its carry is h and c, `[batch, units]` each. */
export interface ConvertedLstm {
  readonly kind: 'lstm';
  readonly cell: Cell<RecurrentParams, LstmCarry>;
  readonly params: RecurrentParams;
}

const fromTable = optionTable<{ readonly backend?: Backend }>({ backend: 'backend' });

/**
 * A `tf.layers` SimpleRNN, LSTM or GRU brought over: the cell that computes the same, and its weights with the names and
 * shapes of PyTorch. Copies: the layer keeps its weights. The parameters belong to the caller's scope.
 *
 * Kernels are transposed. Gates of an LSTM are i, f, g, o in both; those of a GRU go from z, r, n to r, z, n, and the cell is
 * `resetBeforeGruCell`. The one bias becomes `bias_ih`, and `bias_hh` is 0. Dropout is not brought over.
 * @throws ArgumentError for settings that have no counterpart, such as a recurrentActivation of hardSigmoid.
 */
export function fromTfLayer(layer: TfLayer, options: { readonly backend?: Backend } = {}): ConvertedLayer {
  checkOptions('fromTfLayer', options, fromTable);
  const { kind, units, activation } = layerKind(layer, 'fromTfLayer');
  const params = scope(() => {
    const [kernel, recurrentKernel, bias] = layer.getWeights().map((weight) => fromTfjs(weight, options));
    const turn = (x: Tensor): Tensor => (kind === 'gru' ? swapFirstGates(x, units) : x);
    const weights: RecurrentParams = {
      weight_ih: turn(transpose(kernel as Tensor)),
      weight_hh: turn(transpose(recurrentKernel as Tensor)),
    };
    if (bias === undefined) return weights;
    return { ...weights, bias_ih: turn(bias), bias_hh: zerosLike(bias) };
  });
  switch (kind) {
    case 'rnn':
      return { kind, cell: rnnCell({ hiddenSize: units, activation }), params };
    case 'lstm':
      return { kind, cell: lstmCell({ hiddenSize: units }), params };
    case 'gru':
      return { kind, cell: resetBeforeGruCell({ hiddenSize: units }), params };
  }
}

/** The first two of three blocks of rows, each `units` long, in each other's place: z, r, n and r, z, n. */
export function swapFirstGates(x: Tensor, units: number): Tensor {
  return concat([sliceAxis(x, units, 2 * units), sliceAxis(x, 0, units), sliceAxis(x, 2 * units, 3 * units)]);
}
