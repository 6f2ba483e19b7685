import { alias } from '../tensor/scope.js';
import { constantOf } from '../tensor/Tensor.js';
import { treeMap } from '../tensor/tree.js';

/** The same values as constants: no gradient and no tangent of any order passes. Costs no copy. */
export function stopGradient<T>(tree: T): T {
  return treeMap(tree, (leaf) => alias(constantOf(leaf)));
}
