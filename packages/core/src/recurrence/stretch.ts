import { concat, sliceAxis } from '../tensor/ops/index.js';
import { treeMap, treeZip } from '../tensor/tree.js';

/** Steps `from … to` of a tree of `[time, …]` tensors. */
export function sliceTime<T>(tree: T, from: number, to: number): T {
  return treeMap(tree, (leaf) => sliceAxis(leaf, from, to));
}

/** One stretch after another, as one. */
export function joinTime<T>(first: T, second: T): T {
  return treeZip(first, second, (a, b) => concat([a, b]));
}
