import { foldInName, select, type Key, type Shape, type Tensor } from '@tempograd/core';
import { layerNorm } from '../layerNorm.js';
import type { InitOptions } from '../parameter.js';
import type { ResolvedOptions } from './options.js';
import { suffixOf, weightOf, type RecurrentLayerParams, type Suffix } from './params.js';

/** The layer norms of a stack, one for the outputs of each layer; without them nothing is done. */
export interface LayerNorms {
  shapes(): Iterable<readonly [name: string, shape: Shape]>;
  init(key: Key, where: InitOptions): RecurrentLayerParams;
  /** Outputs of a layer, normalised; 0 where `steps`, i32 `[time, batch, 1]`, is. */
  apply(params: RecurrentLayerParams, layer: number, output: Tensor, steps: Tensor | null): Tensor;
}

/** The norms that a stack's options ask for. */
export function layerNorms({ layerNorm: wanted, layers, hiddenSize, bidirectional }: ResolvedOptions): LayerNorms {
  if (!wanted) return { shapes: () => [], init: () => ({}), apply: (_params, _layer, output) => output };
  const size = hiddenSize * (bidirectional ? 2 : 1);
  const norm = layerNorm({ size });
  return {
    *shapes() {
      for (let layer = 0; layer < layers; layer++) {
        const { weight, bias } = namesOf(layer);
        yield [weight, [size]];
        yield [bias, [size]];
      }
    },
    init(key, where) {
      const params: Record<string, Tensor> = {};
      for (let layer = 0; layer < layers; layer++) {
        const names = namesOf(layer);
        const { weight, bias } = norm.init(foldInName(key, names.weight), where);
        Object.assign(params, { [names.weight]: weight, [names.bias]: bias });
      }
      return params;
    },
    apply(params, layer, output, steps) {
      const { weight, bias } = namesOf(layer);
      const normed = norm.apply(
        { weight: weightOf('layerNorm', params, weight), bias: weightOf('layerNorm', params, bias) },
        output,
      );
      return steps === null ? normed : select(steps, normed, 0);
    },
  };
}

function namesOf(layer: number): Record<'weight' | 'bias', `${string}${Suffix}`> {
  const suffix = suffixOf(layer, false);
  return { weight: `norm_weight${suffix}`, bias: `norm_bias${suffix}` };
}
