import { ArgumentError, cast, div, mul, scope, select, equal, Tensor, treeMap } from '@tempograd/core';

/**
 * The one place where summed losses, and gradients of them, become means: every tensor of the tree divided by `weight`, the count
 * of all items in the WHOLE run of steps that is to be averaged. Give every chunk of a run the run's weight, not its own: a mean
 * per chunk would count the steps of a short last chunk more than others.
 *
 * `weight` is a number or a scalar tensor such as `countTargets` gives; the result of 0 items is 0.
 */
export function normalise<T>(tree: T, weight: number | Tensor): T {
  return scope(() => {
    const factors = new Map<string, Tensor | number>();
    return treeMap(tree, (leaf) => {
      const factor = factors.get(leaf.dtype) ?? reciprocal(weight, leaf);
      factors.set(leaf.dtype, factor);
      return mul(leaf, factor);
    });
  });
}

/** `1 / weight`, 0 for a weight of 0: the factor by which `normalise` multiplies, for an optimiser's `scale`. */
export function normaliser(weight: Tensor): Tensor {
  return scope(() => {
    const none = equal(weight, 0);
    return select(none, 0, div(1, select(none, 1, weight)));
  });
}

function reciprocal(weight: number | Tensor, leaf: Tensor): Tensor | number {
  if (weight instanceof Tensor) return normaliser(cast(weight, leaf.dtype));
  if (!(weight >= 0))
    throw new ArgumentError(`normalise: the weight ${weight} is not a count of items; it must be 0 or more.`);
  return weight === 0 ? 0 : 1 / weight;
}
