import {
  ArgumentError,
  broadcastTo,
  gather,
  reshape,
  scan,
  ShapeError,
  Tensor,
  treeFill,
  treeLeaves,
  treeLeavesLike,
  treeMap,
  type Cell,
  type FloatDType,
  type Shape,
} from '@tempograd/core';
import { checkOptions, formatShape, optionTable, required, sameShape } from '@tempograd/core/backend';
import { uniformInit, type Initialiser } from '../../init/index.js';
import { parameter } from '../parameter.js';
import type { ResolvedOptions } from './options.js';
import { suffixOf, weightOf, type RecurrentLayerParams, type Suffix } from './params.js';
import type { StackedCell } from './StackedCell.js';

/** Sizes of one layer of cells. */
export interface CellSizes {
  /** Length of what the layer reads at a step: in the first layer of the model's input, then of the outputs of the layer below. */
  readonly inputSize: number;
  /** Length of its output. */
  readonly hiddenSize: number;
}

/** A tree of tensors, which a cell of one's own carries. */
export type CarryTree = Tensor | readonly CarryTree[] | { readonly [name: string]: CarryTree };

/** A cell of one's own, with what a model must know to make its parameters, stack it and store it. */
export interface OwnCell {
  /** Under which the cell stands in a stored configuration; none of the standard cells' names. */
  readonly name: string;
  /** Names and shapes of the parameters of one layer in one direction: what `step` is given. */
  readonly shapes: (sizes: CellSizes) => Readonly<Record<string, Shape>>;
  /** How parameters start, by name; default is `U(±1/√hiddenSize)`. */
  readonly init?: Readonly<Record<string, Initialiser>>;
  /** Its inputs are `[batch, inputSize]`, its outputs `[batch, hiddenSize]`. */
  readonly cell: Cell<unknown, unknown>;
}

const ownCellTable = optionTable<OwnCell>({
  name: required('string'),
  shapes: required('function'),
  init: 'object',
  cell: required({ wanted: 'a cell, { initialCarry, step }', members: ['initialCarry', 'step'] }),
});

/** @throws ArgumentError for what is no cell with its name and shapes. */
export function checkOwnCell(of: string, own: OwnCell, taken: readonly string[]): void {
  checkOptions(of, own, ownCellTable, 'cell');
  if (own.name === '' || taken.includes(own.name)) {
    throw new ArgumentError(
      `${of}: cell.name "${own.name}" is taken; give a name that is not one of ${taken.join(', ')}.`,
    );
  }
}

/** @throws ArgumentError unless `shapes` names parameters with their shapes, and `init` none but these. */
export function checkShapes(of: string, { name, shapes, init = {} }: OwnCell, sizes: CellSizes): void {
  const given: unknown = shapes(sizes);
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  const entries = isObject ? Object.entries<unknown>(given as Record<string, unknown>) : [];
  const isShape = (shape: unknown): boolean =>
    Array.isArray(shape) && shape.every((length) => Number.isSafeInteger(length) && length >= 1);
  const wrong = entries.find(([each, shape]) => !/^\w+$/.test(each) || !isShape(shape));
  if (!isObject || wrong !== undefined) {
    throw new ArgumentError(
      `${of}: shapes of the cell "${name}" must give names of parameters (letters, digits and _) with their shapes, such as ` +
        `{ w: [inputSize, hiddenSize] }${wrong === undefined ? '' : `, but gave ${JSON.stringify({ [wrong[0]]: wrong[1] })}`}.`,
    );
  }
  const unknown = Object.keys(init).find((each) => !Object.hasOwn(given, each));
  if (unknown === undefined) return;
  throw new ArgumentError(
    `${of}: init of the cell "${name}" is for "${unknown}", but its parameters are ${entries.map(([each]) => each).join(', ')}.`,
  );
}

/** A cell of one's own as layers of a stack: step by step, or by its `segment`. */
export function ownCell({ name, shapes, init = {}, cell }: OwnCell): StackedCell<CarryTree> {
  return {
    name,
    *shapes(options) {
      for (const { own, suffix, shape } of parametersOf(shapes, options)) yield [own + suffix, shape];
    },
    init(options, key, where) {
      const standard = uniformInit(1 / Math.sqrt(options.hiddenSize));
      const params: Record<string, Tensor> = {};
      for (const { own, suffix, shape } of parametersOf(shapes, options)) {
        params[own + suffix] = parameter(key, own + suffix, shape, init[own] ?? standard, where);
      }
      return params;
    },
    startCarry({ layers, bidirectional }, params, batch) {
      const outer = layers * (bidirectional ? 2 : 1);
      return treeMap(startOf(params, batch), (leaf) =>
        broadcastTo(reshape(leaf, [1, ...leaf.shape]), [outer, ...leaf.shape]),
      );
    },
    run({ hiddenSize }, params, suffix, { input, carry, mask, reverse, table, context }) {
      const read = table === null ? input : gather(table, input);
      const [time, batch, inputSize] = read.shape as [number, number, number];
      const names = Object.keys(shapes({ inputSize, hiddenSize }));
      const own = Object.fromEntries(names.map((each) => [each, weightOf(name, params, each + suffix)]));
      const before = treeFill(startOf(params, 1), carry);
      const { key = null, from = 0 } = context() ?? {};
      const { carry: after, output } = scan(cell, own, before, read, { mask, reverse, key, from });
      const wanted = [time, batch, hiddenSize];
      if (!(output instanceof Tensor) || !sameShape(output.shape, wanted)) {
        throw new ShapeError(
          `sequenceModel: outputs of the cell "${name}" must be ${formatShape(wanted)}, [time, batch, hidden], but are ` +
            `${output instanceof Tensor ? formatShape(output.shape) : 'no tensor'}. Set hidden to the cell’s own size.`,
        );
      }
      return { output, carry: treeLeavesLike(before, after) };
    },
  };

  function startOf(params: RecurrentLayerParams, batch: number): CarryTree {
    const first = treeLeaves(params)[0];
    const start = cell.initialCarry(batch, first && { dtype: first.dtype as FloatDType, backend: first.backend });
    for (const { shape } of treeLeaves(start)) {
      if (shape[0] === batch) continue;
      throw new ShapeError(
        `sequenceModel: carries of the cell "${name}" must be [batch, …], but for a batch of ${batch} one is ${formatShape(shape)}.`,
      );
    }
    return start as CarryTree;
  }
}

/** The parameters of all layers and directions by the cell's own names, each with what the stack adds to the name. */
function* parametersOf(
  shapes: OwnCell['shapes'],
  { inputSize, hiddenSize, layers, bidirectional }: ResolvedOptions,
): Generator<{ readonly own: string; readonly suffix: Suffix; readonly shape: Shape }> {
  const directions = bidirectional ? 2 : 1;
  for (let layer = 0; layer < layers; layer++) {
    const sizes = { inputSize: layer === 0 ? inputSize : directions * hiddenSize, hiddenSize };
    for (let direction = 0; direction < directions; direction++) {
      const suffix = suffixOf(layer, direction === 1);
      for (const [own, shape] of Object.entries(shapes(sizes))) yield { own, suffix, shape };
    }
  }
}
