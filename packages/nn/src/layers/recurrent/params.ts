import { foldIn, foldInName, fromArray, ShapeError, type Key, type Shape, type Tensor } from '@tempograd/core';
import { gateCount, sizeOf, type RecurrentCell } from '@tempograd/core/backend';
import { uniformInit, zeroInit, type Initialiser } from '../../init/index.js';
import { parameter, type InitOptions } from '../parameter.js';
import type { ResolvedOptions } from './options.js';

/** How the names of one layer's parameters end. */
export type Suffix = `_l${number}${'' | '_reverse'}`;

/**
 * Parameters of a recurrent layer by PyTorch's names, `weight_ih_l0`, `bias_hh_l1_reverse`, or by those of a cell of one's own, such
 * as `leak_l0`; `norm_weight_l0` and `norm_bias_l0` of layer norms, and a learned initial carry, beside them.
 */
export interface RecurrentLayerParams {
  readonly [name: `${string}${Suffix}`]: Tensor;
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

/** Names and shapes of all parameters, in PyTorch's order, one by one: any number of layers can be asked for. */
export function* recurrentShapes(cell: RecurrentCell, resolved: ResolvedOptions): Generator<[name: string, Shape]> {
  const { inputSize, hiddenSize, layers, bidirectional, bias, learnedCarry } = resolved;
  const rows = gateCount[cell] * hiddenSize;
  const directions = bidirectional ? 2 : 1;
  for (let layer = 0; layer < layers; layer++) {
    for (let direction = 0; direction < directions; direction++) {
      const suffix = suffixOf(layer, direction === 1);
      yield [`weight_ih${suffix}`, [rows, layer === 0 ? inputSize : directions * hiddenSize]];
      yield [`weight_hh${suffix}`, [rows, hiddenSize]];
      if (!bias) continue;
      yield [`bias_ih${suffix}`, [rows]];
      yield [`bias_hh${suffix}`, [rows]];
    }
  }
  if (!learnedCarry) return;
  for (const name of cell === 'lstm' ? ['h0', 'c0'] : ['h0']) yield [name, [layers * directions, 1, hiddenSize]];
}

/** Starting values of all layers and directions, in PyTorch's order. */
export function initParams(
  cell: RecurrentCell,
  resolved: ResolvedOptions,
  gateBias: GateBias | null,
  key: Key,
  options?: InitOptions,
): RecurrentLayerParams {
  const { hiddenSize, init } = resolved;
  const gates = gateCount[cell];
  const standard = uniformInit(1 / Math.sqrt(hiddenSize));
  const params: Record<string, Tensor> = {};
  for (const [name, shape] of recurrentShapes(cell, resolved)) {
    if (name === 'h0' || name === 'c0') {
      params[name] = parameter(key, name, shape, init.carry ?? zeroInit(), options);
      continue;
    }
    const [kind, suffix] = name.split(/(?=_l\d)/) as [string, string];
    const values = eachGate(foldInName(key, name), gates, [hiddenSize, ...shape.slice(1)], initialiserOf(kind, suffix));
    params[name] = fromArray(values, shape, options);
  }
  return params;

  function initialiserOf(kind: string, suffix: string): (gate: number) => Initialiser {
    if (kind === 'weight_ih') return () => init.weightIh ?? standard;
    if (kind === 'weight_hh') return () => init.weightHh ?? standard;
    const fixed = gateBias?.(foldInName(key, `gate_bias${suffix}`), hiddenSize);
    // The two biases are added, so a wanted sum stands in the one and the other is 0.
    return (gate) => {
      const sum = fixed?.get(gate);
      if (sum === undefined) return init.bias ?? standard;
      return kind === 'bias_ih' ? () => sum : zeroInit();
    };
  }
}

/** The blocks of all gates, each drawn on its own, one under the other. */
function eachGate(key: Key, gates: number, blockShape: Shape, ofGate: (gate: number) => Initialiser): Float64Array {
  const size = sizeOf(blockShape);
  const values = new Float64Array(gates * size);
  for (let gate = 0; gate < gates; gate++) values.set(ofGate(gate)(foldIn(key, gate), blockShape), gate * size);
  return values;
}

/** A parameter by name. @throws ShapeError where there is none. */
export function weightOf(cell: string, params: RecurrentLayerParams, name: string): Tensor {
  const weight = params[name as keyof RecurrentLayerParams];
  if (weight === undefined) {
    throw new ShapeError(
      `${cell}: the parameters have no "${name}"; they have ${Object.keys(params).join(', ') || 'none'}. Make them with init().`,
    );
  }
  return weight;
}
