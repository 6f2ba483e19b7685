import {
  ArgumentError,
  concat,
  fromArray,
  gather,
  reshape,
  scope,
  ShapeError,
  treeFill,
  treeLeaves,
  treeLeavesLike,
  treeMap,
  type Tensor,
} from '@tempograd/core';
import { formatShape } from '@tempograd/core/backend';

/**
 * The rows of several carries side by side, in their order, for carries that are trees of `[…, batch, …]` with the batch second.
 * A carry that stands for every row is one row here. Belongs to the caller's scope.
 * @throws ArgumentError when there are none, or they are not of one kind.
 */
export function joinCarries<C>(carries: readonly C[]): C {
  if (!Array.isArray(carries) || carries.length === 0)
    throw new ArgumentError('joinCarries: a list of carries is wanted, with one at least.');
  const first = carries[0] as C;
  const lists = carries.map((carry) => treeLeavesLike(first, carry));
  return scope(() =>
    treeFill(
      first,
      treeLeaves(first).map((_, index) =>
        concat(
          lists.map((leaves) => leaves[index] as Tensor),
          1,
        ),
      ),
    ),
  );
}

/**
 * Some rows of a carry, by number, in the order given; a row may be taken twice. A copy, so that the carry they are of can go.
 * Belongs to the caller's scope.
 * @throws ArgumentError when there are none, or one is not among the carry's rows.
 */
export function takeRows<C>(carry: C, rows: ArrayLike<number>): C {
  const numbers = Array.from(rows);
  if (numbers.length === 0) throw new ArgumentError('takeRows: name one row at least.');
  return scope(() => treeMap(carry, (leaf) => rowsOf(leaf, numbers)));
}

function rowsOf(leaf: Tensor, rows: readonly number[]): Tensor {
  if (leaf.rank < 2)
    throw new ShapeError(`takeRows: a carry of [layers, batch, …] is wanted, but one is ${formatShape(leaf.shape)}.`);
  const [outer, batch, ...rest] = leaf.shape as [number, number, ...number[]];
  for (const row of rows) {
    if (!Number.isInteger(row) || row < 0 || row >= batch)
      throw new ArgumentError(`takeRows: there is no row ${row} in a carry of ${batch}; use 0 to ${batch - 1}.`);
  }
  const indices = new Int32Array(outer * rows.length);
  for (let block = 0; block < outer; block++)
    for (let at = 0; at < rows.length; at++) indices[block * rows.length + at] = block * batch + (rows[at] as number);
  const numbers = fromArray(indices, [outer, rows.length], { dtype: 'i32', backend: leaf.backend });
  return gather(reshape(leaf, [outer * batch, ...rest]), numbers);
}
