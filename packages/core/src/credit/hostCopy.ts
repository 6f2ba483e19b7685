import { fromArray } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeFill, treeLeaves, treeMap } from '../tensor/tree.js';

/**
 * Copies a tree to the host, and gives what makes it again, as often as it is called, in the caller's scope; numbers given to that
 * stand in the place of the copied ones, but for null. The backend must read at once.
 */
export function hostCopy<T>(tree: T): (numbers?: readonly (ArrayLike<number> | null)[]) => T {
  // Of the tensors themselves no more is used than their place in the tree.
  const structure = treeMap(tree, (leaf) => leaf);
  const leaves = treeLeaves(tree).map((leaf: Tensor) => {
    const { shape, dtype, backend } = leaf;
    return { values: leaf.readSync().slice(), shape, options: { dtype, backend } };
  });
  return (numbers) =>
    treeFill(
      structure,
      leaves.map(({ values, shape, options }, index) => fromArray(numbers?.[index] ?? values, shape, options)),
    );
}
