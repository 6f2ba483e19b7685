import {
  ArgumentError,
  BackendError,
  DTypeError,
  operandOf,
  ShapeError,
  treeEntries,
  treeZip,
  type Tensor,
  type TensorLike,
} from '@tempograd/core';
import { formatShape, isFloat, sameShape } from '@tempograd/core/backend';
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
export function alignedLeaves<P>(name: string, what: string, params: P, tree: P | undefined): Tensor[] {
  const leaves: Tensor[] = [];
  try {
    treeZip(params, tree as P, (parameter, leaf) => {
      if (!sameShape(parameter.shape, leaf.shape)) {
        throw new ArgumentError(
          `One has ${formatShape(parameter.shape)} where the other has ${formatShape(leaf.shape)}.`,
        );
      }
      leaves.push(leaf);
      return leaf;
    });
  } catch (error) {
    throw new ArgumentError(
      `${name}: ${what} must be a tree like the parameters. ${(error as Error).message} ` +
        'Make the state with init(params) of the same optimiser.',
    );
  }
  return leaves;
}

/**
 * Looks at all that a step can refuse before anything is changed, so that no update is taken in half. `moments` are in the order
 * of the parameters, one list for each of their names.
 * @throws ArgumentError where what is changed stands in another place too; DTypeError, ShapeError, BackendError, LifetimeError
 * where tensors do not go with their parameter.
 */
export function requireFitting(
  name: string,
  parameters: readonly Tensor[],
  gradients: readonly Tensor[],
  moments: readonly (readonly Tensor[])[],
  controls: readonly (TensorLike | null)[],
): void {
  const scalars = controls.filter((control): control is Tensor => control !== null && typeof control !== 'number');
  const changing = [...parameters, ...moments.flat()];
  const borrowed = [...gradients, ...scalars];
  const changed = new Set(changing);
  if (changed.size !== changing.length || borrowed.some((x) => changed.has(x))) {
    throw new ArgumentError(
      `${name}: parameters and moments are changed in place, but one of them stands in another place of the update too. ` +
        'Give each place a tensor of its own.',
    );
  }
  for (const x of [...changing, ...borrowed]) operandOf(x);
  const wide = scalars.find(({ rank }) => rank !== 0);
  if (wide !== undefined) {
    throw new ShapeError(`${name}: scale and guard must be scalars, but one has shape ${formatShape(wide.shape)}.`);
  }
  parameters.forEach((parameter, index) => {
    if (!isFloat(parameter.dtype)) {
      throw new DTypeError(`${name}: parameters must be f32 or f64, but one is ${parameter.dtype}.`);
    }
    requireBeside(name, parameter, gradients[index] as Tensor);
    for (const leaves of moments) requireBeside(name, parameter, leaves[index] as Tensor);
    for (const control of scalars) requireBeside(name, parameter, control);
  });
}

function requireBeside(name: string, { backend, dtype }: Tensor, x: Tensor): void {
  if (x.backend !== backend) {
    throw new BackendError(
      `${name}: a parameter is on ${backend.name}, but what belongs to it on another backend, ${x.backend.name}. ` +
        'Read one and make it anew with tensor(values, { backend }).',
    );
  }
  if (x.dtype !== dtype) {
    throw new DTypeError(
      `${name}: a parameter is ${dtype}, but what belongs to it ${x.dtype}; convert it with cast().`,
    );
  }
}
