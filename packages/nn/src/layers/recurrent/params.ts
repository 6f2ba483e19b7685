import { foldIn, foldInName, fromArray, type Key, type Shape, type Tensor } from '@tempograd/core';
import { gateCount, sizeOf, type RecurrentCell } from '@tempograd/core/backend';
import { uniformInit, zeroInit, type Initialiser } from '../../init/index.js';
import { parameter, type InitOptions } from '../parameter.js';
import type { ResolvedOptions } from './options.js';

type Suffix = `_l${number}${'' | '_reverse'}`;

/** Parameters of a recurrent layer by PyTorch's names, `weight_ih_l0`, `bias_hh_l1_reverse`; a learned initial carry beside them. */
export interface RecurrentLayerParams {
  readonly [weight: `weight_${'ih' | 'hh'}${Suffix}`]: Tensor;
  readonly [bias: `bias_${'ih' | 'hh'}${Suffix}`]: Tensor;
  /** `[layers · directions, 1, hidden]`, where the initial carry is learned. */
  readonly h0?: Tensor;
  /** The same for an LSTM's cell state. */
  readonly c0?: Tensor;
}

/** Biases that some gates shall have, by gate number: the SUM of the gate's two biases. */
export type GateBias = (key: Key, hiddenSize: number) => ReadonlyMap<number, ArrayLike<number>>;

/** How PyTorch ends the names of one layer's parameters. */
export function suffixOf(layer: number, reverse: boolean): Suffix {
  return `_l${layer}${reverse ? '_reverse' : ''}`;
}

/** Starting values of all layers and directions, in PyTorch's order. */
export function initParams(
  cell: RecurrentCell,
  resolved: ResolvedOptions,
  gateBias: GateBias | null,
  key: Key,
  options?: InitOptions,
): RecurrentLayerParams {
  const { inputSize, hiddenSize, layers, bidirectional, bias, learnedCarry, init } = resolved;
  const gates = gateCount[cell];
  const directions = bidirectional ? 2 : 1;
  const standard = uniformInit(1 / Math.sqrt(hiddenSize));
  const params: Record<string, Tensor> = {};
  const set = (name: string, columns: readonly number[], ofGate: (gate: number) => Initialiser): void => {
    const values = eachGate(foldInName(key, name), gates, [hiddenSize, ...columns], ofGate);
    params[name] = fromArray(values, [gates * hiddenSize, ...columns], options);
  };
  for (let layer = 0; layer < layers; layer++) {
    for (let direction = 0; direction < directions; direction++) {
      const suffix = suffixOf(layer, direction === 1);
      set(`weight_ih${suffix}`, [layer === 0 ? inputSize : directions * hiddenSize], () => init.weightIh ?? standard);
      set(`weight_hh${suffix}`, [hiddenSize], () => init.weightHh ?? standard);
      if (!bias) continue;
      const fixed =
        gateBias?.(foldInName(key, `gate_bias${suffix}`), hiddenSize) ?? new Map<number, ArrayLike<number>>();
      const free = init.bias ?? standard;
      // The two biases are added, so a wanted sum stands in the one and the other is 0.
      set(`bias_ih${suffix}`, [], (gate) => (fixed.has(gate) ? () => fixed.get(gate) as ArrayLike<number> : free));
      set(`bias_hh${suffix}`, [], (gate) => (fixed.has(gate) ? zeroInit() : free));
    }
  }
  if (learnedCarry) {
    for (const name of cell === 'lstm' ? ['h0', 'c0'] : ['h0']) {
      params[name] = parameter(key, name, [layers * directions, 1, hiddenSize], init.carry ?? zeroInit(), options);
    }
  }
  return params;
}

/** The blocks of all gates, each drawn on its own, one under the other. */
function eachGate(key: Key, gates: number, blockShape: Shape, ofGate: (gate: number) => Initialiser): Float64Array {
  const size = sizeOf(blockShape);
  const values = new Float64Array(gates * size);
  for (let gate = 0; gate < gates; gate++) values.set(ofGate(gate)(foldIn(key, gate), blockShape), gate * size);
  return values;
}
