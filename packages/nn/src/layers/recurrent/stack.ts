import {
  add,
  broadcastTo,
  concat,
  requireTensor,
  reshape,
  row,
  scope,
  select,
  ShapeError,
  stack,
  transpose,
  treeEntries,
  treeFill,
  treeLeaves,
  treeLeavesLike,
  type Key,
  type Shape,
  type StepContext,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, formatShape, optionTable } from '@tempograd/core/backend';
import { contextFor, dropout as dropoutLayer } from '../dropout.js';
import { initTable, type InitOptions } from '../parameter.js';
import { layerNorms } from './layerNorms.js';
import { resolveOptions, type RecurrentOptions } from './options.js';
import { suffixOf, type RecurrentLayerParams } from './params.js';
import type { StackedCell } from './StackedCell.js';

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
  /** New parameters, by PyTorch's names. */
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

/** A leaf of a carry: where it stands, and its shape without layers and rows. */
interface CarryLeaf {
  readonly path: string;
  readonly rest: Shape;
}

const applyTable = optionTable<RecurrentApplyOptions>({
  mask: 'tensor or null',
  table: 'tensor or null',
  context: 'object or null',
});

/** A stacked, perhaps bidirectional layer of one kind of cell. */
export function recurrentStack<C>(
  layerName: string,
  options: RecurrentOptions,
  cell: StackedCell<C>,
): RecurrentLayer<C> {
  const resolved = resolveOptions(layerName, options);
  const { hiddenSize, layers, bidirectional, batchFirst, residual } = resolved;
  const directions = bidirectional ? 2 : 1;
  const outputSize = directions * hiddenSize;
  const norms = layerNorms(resolved);
  const between = dropoutLayer(resolved.dropout);

  /** What the leaves of a carry are, from the first run on: nothing needs to be made to compare a carry with. */
  let known: readonly CarryLeaf[] | null = null;

  return {
    outputSize,
    init(key, where = {}) {
      checkOptions(`${layerName}().init`, where, initTable);
      return { ...cell.init(resolved, key, where), ...norms.init(key, where) };
    },
    *parameters() {
      yield* cell.shapes(resolved);
      yield* norms.shapes();
    },
    initialCarry: (params, batch = 1) => scope(() => cell.startCarry(resolved, params, batch)),
    apply(params, carry, input, applyOptions = {}) {
      checkOptions(`${layerName}().apply`, applyOptions, applyTable);
      const { mask = null, table = null, context = null } = applyOptions;
      requireInput(layerName, resolved, input, table !== null);
      return scope(() => {
        let current = batchFirst ? transpose(input, table === null ? [1, 0, 2] : [1, 0]) : input;
        const batch = current.shape[1] ?? 0;
        const steps = mask && reshape(mask, [...mask.shape, 1]);
        // What stands at padded steps never matters, so it may be anything: 0 · NaN would spoil the weights' gradient.
        if (steps && table === null) current = select(steps, current, 0);
        const { like, leaves, kinds } = startOf(params, carry);
        const states = leaves.map((leaf, index) => stateOf(leaf, batch, (kinds[index] as CarryLeaf).rest));
        const after: Tensor[][] = states.map(() => []);
        for (let layer = 0; layer < layers; layer++) {
          const below = current;
          const outputs: Tensor[] = [];
          for (let direction = 0; direction < directions; direction++) {
            const suffix = suffixOf(layer, direction === 1);
            const result = cell.run(resolved, params, suffix, {
              input: below,
              carry: states.map((state) => row(state, layer * directions + direction)),
              mask,
              reverse: direction === 1,
              table: layer === 0 ? table : null,
              context: () => contextFor(context, `cell${suffix}`),
            });
            result.carry.forEach((state, index) => after[index]?.push(state));
            outputs.push(result.output);
          }
          current = norms.apply(params, layer, concat(outputs, 2), steps);
          if (residual && layer > 0) current = add(current, below);
          if (layer < layers - 1) current = between.apply(current, contextFor(context, `layer${layer}`));
        }
        const output = batchFirst ? transpose(current, [1, 0, 2]) : current;
        return {
          output,
          carry: treeFill(
            like,
            after.map((perLayer) => stack(perLayer)),
          ),
        };
      });
    },
  };

  /** The leaves of the carry to start with, what they are, and a tree of their structure. @throws ArgumentError for a carry of another structure. */
  function startOf(
    params: RecurrentLayerParams,
    carry: C | null,
  ): { like: C; leaves: readonly Tensor[]; kinds: readonly CarryLeaf[] } {
    const kinds = known;
    if (carry !== null && kinds !== null) {
      const entries = treeEntries(carry);
      if (entries.length === kinds.length && entries.every(([path], index) => path === kinds[index]?.path))
        return { like: carry, leaves: entries.map(([, leaf]) => leaf), kinds };
    }
    const start = cell.startCarry(resolved, params, 1);
    known = treeEntries(start).map(([path, { shape }]) => ({ path, rest: shape.slice(2) }));
    const leaves = carry === null ? treeLeaves(start) : treeLeavesLike(start, carry);
    return { like: start, leaves, kinds: known };
  }

  function stateOf(state: Tensor, batch: number, rest: Shape): Tensor {
    const wanted = [layers * directions, batch, ...rest];
    const fits =
      state.rank === wanted.length &&
      state.shape.every((length, axis) => length === wanted[axis] || (axis === 1 && length === 1));
    if (!fits) {
      throw new ShapeError(
        `${cell.name}: the carry should be ${formatShape(wanted)} ([layers · directions, batch, hidden]), or have batch 1 for all rows alike, ` +
          `but is ${formatShape(state.shape)}.`,
      );
    }
    return broadcastTo(state, wanted);
  }
}

/** @throws ArgumentError, ShapeError for what is not `[time, batch, inputSize]`, or `[time, batch]` where rows of a table are meant. */
function requireInput(
  layer: string,
  { inputSize, batchFirst }: { readonly inputSize: number; readonly batchFirst: boolean },
  input: Tensor,
  areRows: boolean,
): void {
  requireTensor(layer, 'the input', input);
  const { shape } = input;
  if (areRows ? shape.length === 2 : shape.length === 3 && shape[2] === inputSize) return;
  const axes = batchFirst ? 'batch, time' : 'time, batch';
  throw new ShapeError(
    `${layer}: the input must be [${axes}${areRows ? '' : `, ${inputSize}`}], but is ${formatShape(shape)}.`,
  );
}
