import { ArgumentError, checkOptions, formatShape, optionTable, ShapeError } from '../backend/index.js';
import { withTraceLevel } from '../autodiff/traceLevels.js';
import { transpose } from '../tensor/ops/index.js';
import { requireFunction } from '../tensor/requireFunction.js';
import { alias, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeEntries, treeFill, treeMap } from '../tensor/tree.js';
import { BatchTensor, BatchTrace } from './BatchTrace.js';
import { stretched } from './batchAxis.js';
import { axesOf, type BatchAxes } from './batchAxes.js';

/** What of the argument is a batch. */
export interface VmapOptions {
  /**
   * The axis to map over: one for all leaves, or a tree like the argument, whose branches may be cut short; `null` for what is the
   * same for every row. Negative ones count from the back. Default is 0.
   */
  readonly in?: BatchAxes;
}

const vmapTable = optionTable<VmapOptions>({ in: 'axes' });

/**
 * The function that does `fn` for every row of a batch at once: `vmap(fn)(x)` is `fn` of each row of the tree `x` along axis 0
 * of its leaves, with the results stacked along axis 0, in about as many backend calls as one row takes. Inside, `fn` sees the
 * shapes of one row. Further arguments and tensors from outside are the same for every row, random numbers drawn inside too;
 * results that do not depend on the batch are repeated. Nests with itself and with `vjp` and `jvp`, in every order.
 * Results belong to the caller's scope.
 * @throws ShapeError when leaves differ in the length of that axis; LifetimeError when `fn` reads values.
 */
export function vmap<X, Y, R extends readonly unknown[]>(
  fn: (x: X, ...rest: R) => Y,
  options: VmapOptions = {},
): (x: X, ...rest: R) => Y {
  requireFunction('vmap', fn);
  checkOptions('vmap', options, vmapTable);
  const { in: axes = 0 } = options;
  return (x, ...rest) =>
    withTraceLevel((level) =>
      scope(() => {
        const leaves = treeEntries(x);
        const places = axesOf(x, axes);
        const trace = new BatchTrace(level, batchSize(leaves, places));
        try {
          const argument = treeFill(
            x,
            leaves.map(([, leaf], index) => {
              const axis = places[index];
              return axis === null || axis === undefined ? leaf : new BatchTensor(trace, inFront(leaf, axis));
            }),
          );
          return treeMap(fn(argument, ...rest), (leaf) =>
            trace.owns(leaf) ? alias(leaf.primal) : stretched(leaf, trace.size),
          );
        } finally {
          trace.end();
        }
      }),
    );
}

function inFront(x: Tensor, axis: number): Tensor {
  return axis === 0 ? x : transpose(x, [axis, ...x.shape.flatMap((_, other) => (other === axis ? [] : [other]))]);
}

function batchSize(leaves: readonly [path: string, leaf: Tensor][], axes: readonly (number | null)[]): number {
  const lengths = leaves.flatMap(
    ([path, leaf], index): { path: string; leaf: Tensor; axis: number; length: number }[] => {
      const axis = axes[index];
      return axis === null || axis === undefined ? [] : [{ path, leaf, axis, length: leaf.shape[axis] as number }];
    },
  );
  const first = lengths[0];
  if (first === undefined) {
    throw new ArgumentError('vmap: nothing to map over: no tensor of the first argument has an axis in `in`.');
  }
  const other = lengths.find(({ length }) => length !== first.length);
  if (other !== undefined) {
    const say = ({ path, leaf, axis }: typeof first): string =>
      `${path === '' ? 'the argument' : `"${path}"`} ${formatShape(leaf.shape)} along axis ${axis}`;
    throw new ShapeError(
      `vmap: the batch has ${first.length} rows in ${say(first)}, but ${other.length} in ${say(other)}; all must have the same ` +
        'number. Give null in `in` for what is the same for every row.',
    );
  }
  return first.length;
}
