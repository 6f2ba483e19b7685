import { concat, sliceAxis, type RecurrentParams, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { suffixOf, type RecurrentLayerParams } from '../layers/recurrent/params.js';

/** Where in a stack the converted weights go. */
export interface ConvertTarget {
  /** Default is 0. */
  readonly layer?: number;
  /** Whether they belong to the direction backward in time; default is false. */
  readonly reverse?: boolean;
}

const targetTable = optionTable<ConvertTarget>({ layer: 'number', reverse: 'boolean' });

/** Refuses a target that is none. */
export function checkTarget(converter: string, target: ConvertTarget = {}): void {
  checkOptions(converter, target, targetTable);
}

/** One layer's parameters under the names they have in a stack. */
export function layerOf(
  params: RecurrentParams,
  { layer = 0, reverse = false }: ConvertTarget = {},
): RecurrentLayerParams {
  const suffix = suffixOf(layer, reverse);
  const weights = { [`weight_ih${suffix}`]: params.weight_ih, [`weight_hh${suffix}`]: params.weight_hh };
  if (!params.bias_ih || !params.bias_hh) return weights;
  return { ...weights, [`bias_ih${suffix}`]: params.bias_ih, [`bias_hh${suffix}`]: params.bias_hh };
}

/** Gate blocks along the first axis in another order: block i of the result is block `order[i]`. */
export function reorderGates(x: Tensor, order: readonly number[]): Tensor {
  const size = (x.shape[0] as number) / order.length;
  return concat(order.map((gate) => sliceAxis(x, gate * size, (gate + 1) * size)));
}
