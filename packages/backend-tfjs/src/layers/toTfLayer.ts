import {
  add,
  ArgumentError,
  scope,
  ShapeError,
  transpose,
  zeros,
  type RecurrentParams,
  type Tensor,
} from '@tempograd/core';
import { formatShape, sameShape } from '@tempograd/core/backend';
import { toTfjs } from '../interop/toTfjs.js';
import { swapFirstGates } from './fromTfLayer.js';
import { layerKind, type TfLayer } from './TfLayer.js';

/**
 * Gives a `tf.layers` SimpleRNN, LSTM or GRU the weights of a cell: the way back of `fromTfLayer`. The two biases are added up.
 * A GRU's are those of `resetBeforeGruCell`; weights trained with core's `gruCell` compute something else in tf.layers.
 * @throws ArgumentError for settings that have no counterpart, and for biases that the layer has no place for; ShapeError for
 * weights of another size.
 */
export function toTfLayer(params: RecurrentParams, layer: TfLayer): void {
  const { kind, units, useBias } = layerKind(layer, 'toTfLayer');
  const { weight_ih, weight_hh, bias_ih, bias_hh } = params;
  if (!useBias && bias_ih && bias_hh) {
    throw new ArgumentError(
      `toTfLayer: layer "${layer.name}" has useBias: false, and the weights have biases; make the layer with biases.`,
    );
  }
  scope(() => {
    const turn = (x: Tensor): Tensor => (kind === 'gru' ? swapFirstGates(x, units) : x);
    const weights = [transpose(turn(weight_ih)), transpose(turn(weight_hh))];
    if (useBias) {
      const options = { backend: weight_ih.backend };
      weights.push(bias_ih && bias_hh ? turn(add(bias_ih, bias_hh)) : zeros([weight_ih.shape[0] as number], options));
    }
    const wanted = layer.getWeights().map(({ shape }) => shape);
    const misfit = weights.findIndex((weight, index) => !sameShape(weight.shape, wanted[index] ?? []));
    if (misfit >= 0) {
      throw new ShapeError(
        `toTfLayer: weight ${misfit} of layer "${layer.name}" is ${formatShape(wanted[misfit] ?? [])}, ` +
          `and the parameters give ${formatShape(weights[misfit]?.shape ?? [])}; the sizes of input and units must be the same.`,
      );
    }
    const handed = weights.map(toTfjs);
    layer.setWeights(handed);
    for (const weight of handed) weight.dispose();
  });
}
