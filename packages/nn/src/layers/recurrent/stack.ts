import {
  broadcastTo,
  concat,
  linear,
  recurrent,
  reshape,
  row,
  scope,
  select,
  ShapeError,
  stack,
  transpose,
  zeros,
  type Key,
  type Shape,
  type StepContext,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, formatShape, optionTable, type RecurrentCell } from '@tempograd/core/backend';
import { contextFor, dropout as dropoutLayer } from '../dropout.js';
import { initTable, type InitOptions } from '../parameter.js';
import { resolveOptions, type RecurrentOptions } from './options.js';
import { initParams, recurrentShapes, suffixOf, type GateBias, type RecurrentLayerParams } from './params.js';

/** How to run a recurrent layer. */
export interface RecurrentApplyOptions {
  /** i32 `[time, batch]`, with `batchFirst` too; a step where it is 0 leaves the carry as it is, and its output is 0. */
  readonly mask?: Tensor | null;
  /**
   * A table of vectors, `[rows, inputSize]`: the input is then row numbers, i32 `[time, batch]`, that stand for its rows, as an
   * embedding's. The first layer's input product is done once for each row of the table instead of once for each step.
   */
  readonly table?: Tensor | null;
  /** Where the input lies in its sequence, and the key of the dropout's random numbers; without one, or with a null key, none is dropped. */
  readonly context?: StepContext | null;
}

/**
 * A stacked recurrent layer. `C` is the carry: h `[layers · directions, batch, hidden]` as PyTorch's `h_0`, layer by layer, forward
 * before reverse; an LSTM's has h and c. A carry of batch 1 stands for every row.
 */
export interface RecurrentLayer<C> {
  /** Length of an output: `directions · hidden`. */
  readonly outputSize: number;
  init(key: Key, options?: InitOptions): RecurrentLayerParams;
  /** Names and shapes of what `init` makes, one by one; nothing is made for it. */
  parameters(): Iterable<readonly [name: string, shape: Shape]>;
  /** Zeros, or the learned carry. Belongs to the caller's scope. */
  initialCarry(params: RecurrentLayerParams, batch?: number): C;
  /**
   * Runs over `[time, batch, inputSize]`, or row numbers of a table, → output `[time, batch, outputSize]` and the carry after each direction's last step.
   * A null carry is the initial one. The reverse direction of a masked row starts at the row's own last step.
   * @throws ShapeError, ArgumentError when arguments do not fit.
   */
  apply(
    params: RecurrentLayerParams,
    carry: C | null,
    input: Tensor,
    options?: RecurrentApplyOptions,
  ): { readonly carry: C; readonly output: Tensor };
}

const applyTable = optionTable<RecurrentApplyOptions>({
  mask: 'tensor or null',
  table: 'tensor or null',
  context: 'object or null',
});

/** The carry as the list `[h]` or `[h, c]`, and back. */
export interface CarryList<C> {
  readonly toList: (carry: C) => Tensor[];
  readonly fromList: (list: readonly Tensor[]) => C;
}

/** The carry of layers that have h alone. */
export const singleCarry: CarryList<Tensor> = { toList: (h) => [h], fromList: ([h]) => h as Tensor };

/** A stacked, perhaps bidirectional layer of a standard cell. */
export function recurrentStack<C>(
  cell: RecurrentCell,
  options: RecurrentOptions,
  gateBias: GateBias | null,
  { toList, fromList }: CarryList<C>,
): RecurrentLayer<C> {
  const layerName = cell === 'lstm' || cell === 'gru' ? cell : 'rnn';
  const resolved = resolveOptions(layerName, options);
  const { hiddenSize, layers, bidirectional, batchFirst } = resolved;
  const directions = bidirectional ? 2 : 1;
  const between = dropoutLayer(resolved.dropout);

  const startCarry = (params: RecurrentLayerParams, batch: number): Tensor[] => {
    const shape = [layers * directions, batch, hiddenSize];
    const { dtype, backend } = weightOf(cell, params, 'weight_ih_l0');
    const start = (learned?: Tensor): Tensor =>
      learned ? broadcastTo(learned, shape) : zeros(shape, { dtype, backend });
    return cell === 'lstm' ? [start(params.h0), start(params.c0)] : [start(params.h0)];
  };

  return {
    outputSize: directions * hiddenSize,
    init(key, where = {}) {
      checkOptions(`${layerName}().init`, where, initTable);
      return initParams(cell, resolved, gateBias, key, where);
    },
    parameters: () => recurrentShapes(cell, resolved),
    initialCarry: (params, batch = 1) => scope(() => fromList(startCarry(params, batch))),
    apply(params, carry, input, applyOptions = {}) {
      checkOptions(`${layerName}().apply`, applyOptions, applyTable);
      const { mask = null, table = null, context = null } = applyOptions;
      return scope(() => {
        let current = batchFirst ? transpose(input, table === null ? [1, 0, 2] : [1, 0]) : input;
        const batch = current.shape[1] ?? 0;
        // What stands at padded steps never matters, so it may be anything: 0 · NaN would spoil the weights' gradient.
        if (mask && table === null) current = select(reshape(mask, [...mask.shape, 1]), current, 0);
        const states = carry === null ? startCarry(params, batch) : toList(carry).map((state) => stateOf(state, batch));
        const after: Tensor[][] = states.map(() => []);
        for (let layer = 0; layer < layers; layer++) {
          const outputs = Array.from({ length: directions }, (_, direction) => {
            const suffix = suffixOf(layer, direction === 1);
            const weightIh = weightOf(cell, params, `weight_ih${suffix}`);
            const result = recurrent({
              cell,
              input: current,
              carry: states.map((state) => row(state, layer * directions + direction)),
              weightIh: layer === 0 && table !== null ? linear(table, weightIh) : weightIh,
              weightHh: weightOf(cell, params, `weight_hh${suffix}`),
              biasIh: params[`bias_ih${suffix}`] ?? null,
              biasHh: params[`bias_hh${suffix}`] ?? null,
              mask,
              reverse: direction === 1,
            });
            result.carry.forEach((state, index) => after[index]?.push(state));
            return result.output;
          });
          current = concat(outputs, 2);
          if (layer < layers - 1) current = between.apply(current, contextFor(context, `layer${layer}`));
        }
        const output = batchFirst ? transpose(current, [1, 0, 2]) : current;
        return { output, carry: fromList(after.map((perLayer) => stack(perLayer))) };
      });
    },
  };

  function stateOf(state: Tensor, batch: number): Tensor {
    const wanted = [layers * directions, batch, hiddenSize];
    const fits =
      state.rank === 3 && state.shape.every((length, axis) => length === wanted[axis] || (axis === 1 && length === 1));
    if (!fits) {
      throw new ShapeError(
        `${cell}: the carry should be ${formatShape(wanted)} ([layers · directions, batch, hidden]), or have batch 1 for all rows alike, ` +
          `but is ${formatShape(state.shape)}.`,
      );
    }
    return broadcastTo(state, wanted);
  }
}

function weightOf(cell: RecurrentCell, params: RecurrentLayerParams, name: keyof RecurrentLayerParams): Tensor {
  const weight = params[name];
  if (weight === undefined) {
    throw new ShapeError(
      `${cell}: the parameters have no "${name}"; they have ${Object.keys(params).join(', ') || 'none'}. Make them with init().`,
    );
  }
  return weight;
}
