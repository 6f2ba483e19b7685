import { ArgumentError, treeEntries, treeLeavesLike, type Tensor } from '@tempograd/core';
import { formatShape, sameShape } from '@tempograd/core/backend';
import type { OptimiserState } from './Optimiser.js';

/** @throws ArgumentError unless the state is one that `init` of this optimiser makes. */
export function requireState(
  name: string,
  momentNames: readonly string[],
  state: Partial<OptimiserState<unknown>> | null | undefined,
): void {
  const { step, moments } = state ?? {};
  const advice = 'Make the state with init(params) of the same optimiser.';
  if (!Number.isSafeInteger(step) || (step as number) < 0 || typeof moments !== 'object' || moments === null) {
    throw new ArgumentError(
      `${name}: the state must have a step, a whole number ≥ 0, and moments, but its step is ${String(step)}. ${advice}`,
    );
  }
  const foreign = Object.keys(moments).find((moment) => !momentNames.includes(moment));
  if (foreign !== undefined) {
    throw new ArgumentError(
      `${name}: the state has moments "${foreign}", which this optimiser does not keep: it is of another, or of other settings. ${advice}`,
    );
  }
}

/** @throws ArgumentError where one tensor stands in two places: each place has a share of the gradient, and would be stepped by it alone. */
export function requireUntied(name: string, params: unknown, leaves: readonly Tensor[]): void {
  if (new Set(leaves).size === leaves.length) return;
  const second = leaves.findIndex((leaf, index) => leaves.indexOf(leaf) !== index);
  const entries = treeEntries(params);
  const [path, leaf] = entries[second] as [string, Tensor];
  const [firstPath] = entries.find(([, other]) => other === leaf) as [string, Tensor];
  throw new ArgumentError(
    `${name}: one tensor stands in two places of the parameters, "${firstPath}" and "${path}", so that its gradient falls in two parts. ` +
      'To tie weights, keep the tensor in one place of the tree and use it twice in the model, whose gradient then adds up.',
  );
}

/** The tensors of a tree in the order of the parameters. @throws ArgumentError unless it is a tree like them, shape by shape. */
export function alignedLeaves(
  name: string,
  what: string,
  params: unknown,
  parameters: readonly Tensor[],
  tree: unknown,
): Tensor[] {
  try {
    const leaves = treeLeavesLike(params, tree);
    leaves.forEach(({ shape }, index) => {
      const wanted = (parameters[index] as Tensor).shape;
      if (sameShape(shape, wanted)) return;
      throw new ArgumentError(`One has ${formatShape(wanted)} where the other has ${formatShape(shape)}.`);
    });
    return leaves;
  } catch (error) {
    throw new ArgumentError(
      `${name}: ${what} must be a tree like the parameters. ${(error as Error).message} ` +
        'Make the state with init(params) of the same optimiser.',
    );
  }
}
