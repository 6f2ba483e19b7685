import { isFloat } from '../backend/dtype.js';
import { ArgumentError } from '../backend/errors.js';
import { vectorOf, type FactoredGradient } from '../autodiff/factoredVjp.js';
import { vmap } from '../batching/index.js';
import { joinTime, sliceTime } from '../recurrence/stretch.js';
import {
  abs,
  add,
  div,
  equal,
  max,
  maximum,
  mul,
  row,
  select,
  sqrt,
  sum,
  unsqueeze,
  zerosLike,
} from '../tensor/ops/index.js';
import { Tensor } from '../tensor/Tensor.js';
import { treeEntries, treeFill, treeLeaves, treeMap } from '../tensor/tree.js';
import type { CutStep } from './cutSteps.js';

/** What a cotangent becomes by one step back; of several rows side by side each tensor has one more axis in front. */
export interface Pulled<C> {
  /** Its largest number, which it is divided by first. */
  readonly scale: Tensor;
  /** The norm of the gradient of all parameters. */
  readonly parameters: Tensor;
  /** That gradient, all parameters end to end; null where not wanted. */
  readonly vector: Tensor | null;
  /** `Σ q²` of the output's cotangent; null where it has none. */
  readonly output: Tensor | null;
  /** `Σ δ²` over the last axis of each floating leaf of the carry before the step. */
  readonly states: readonly Tensor[];
  /** The cotangent of the carry before the step; null where nothing goes further back. */
  readonly carry: C | null;
}

/** How to pull. */
export interface PullSettings<P> {
  readonly params: P;
  /** Whether gradients are wanted as vectors. */
  readonly vectors: boolean;
  /** Told of every cotangent how many numbers of gradients it makes. */
  readonly sawDense: (numbers: number) => void;
}

/** Numbers of gradients that several rows make at once, at most: more rows go back one group after another. */
const mostAtOnce = 2 ** 22;

/** Pulls `n` cotangents of the carry back side by side, leaves `[n, …]`, of which each makes `dense` numbers of gradients. */
export function pullRows<P, C, O>(
  step: CutStep<C, O>,
  carry: C,
  n: number,
  dense: number,
  settings: PullSettings<P>,
): Pulled<C> {
  const one = (cotangent: C): Pulled<C> => pull(step, { carry: cotangent, output: null }, settings);
  const count = Math.max(1, Math.min(n, Math.floor(mostAtOnce / Math.max(dense, 1))));
  const group = (from: number): Pulled<C> => {
    const to = Math.min(n, from + count);
    return to - from === 1
      ? alone(one(treeMap(carry, (leaf) => row(leaf, from))))
      : vmap(one)(sliceTime(carry, from, to));
  };
  const groups = Array.from({ length: Math.ceil(n / count) }, (_, index) => group(index * count));
  return groups.reduce((all, each) => joinTime(all, each));
}

/** Pulls the cotangent of a step's output back, as one row. */
export function pullOutput<P, C, O>(step: CutStep<C, O>, output: O, settings: PullSettings<P>): Pulled<C> {
  return alone(pull(step, { carry: null, output }, settings));
}

function pull<P, C, O>(
  { back, before }: CutStep<C, O>,
  cotangent: { carry: C | null; output: O | null },
  { params, vectors, sawDense }: PullSettings<P>,
): Pulled<C> {
  const scale = largest(cotangent);
  const scaled = (tree: unknown, like: unknown): (Tensor | null)[] =>
    tree === null
      ? treeLeaves(like).map(() => null)
      : treeLeaves(tree).map((leaf) => (isFloat(leaf.dtype) ? div(leaf, scale) : null));
  const output = scaled(cotangent.output, back.value.output);
  const { weights, rest } = back.pull([...scaled(cotangent.carry, back.value.carry), ...output]);
  sawDense(weights.reduce((total, gradient) => total + (gradient instanceof Tensor ? gradient.size : 0), 0));
  const leaves = treeLeaves(before);
  // Where nothing depends on the carry before, nothing goes further back.
  const goesOn = rest.some((gradient, index) => gradient !== null && (leaves[index] as Tensor).size > 0);
  const carry = goesOn
    ? treeFill(
        before as C,
        rest.map((gradient, index) => gradient ?? zerosLike(leaves[index] as Tensor)),
      )
    : null;
  return {
    scale,
    parameters: normOf(weights, scale),
    vector: vectors ? vectorOf(weights, params) : null,
    output: cotangent.output === null ? null : squaresOf(output.filter((leaf) => leaf !== null)),
    states: floatLeaves(carry).map((leaf) => sum(mul(leaf, leaf), leaf.rank === 0 ? {} : { axes: -1 })),
    carry,
  };
}

/** The norm of all of them together; of an outer product it is the product of the norms. */
function normOf(gradients: readonly FactoredGradient[], like: Tensor): Tensor {
  const squares = gradients.flatMap((gradient): Tensor[] => {
    if (gradient === null) return [];
    if (gradient instanceof Tensor) return [square(gradient)];
    return [mul(square(gradient.row), square(gradient.cotangent))];
  });
  return squares.length === 0 ? mul(like, 0) : sqrt(squares.reduce((a, b) => add(a, b)));
}

/** `Σ x²`. */
function square(x: Tensor): Tensor {
  return sum(mul(x, x));
}

function squaresOf(tree: unknown): Tensor {
  return floatLeaves(tree)
    .map(square)
    .reduce((a, b) => add(a, b));
}

/** The largest absolute number of a tree, 1 where all are 0. */
function largest(tree: unknown): Tensor {
  const leaves = floatLeaves(tree);
  if (leaves.length === 0)
    throw new ArgumentError(
      'The outputs of the task have no floating-point tensor, so that no gradient goes back from its losses.',
    );
  const most = leaves.map((leaf) => max(abs(leaf))).reduce((a, b) => maximum(a, b));
  return select(equal(most, 0), 1, most);
}

/** The leaves that a gradient can have, with their paths. */
export function floatEntries(tree: unknown): [path: string, leaf: Tensor][] {
  return treeEntries(tree).filter(([, { dtype, size }]) => isFloat(dtype) && size > 0);
}

function floatLeaves(tree: unknown): Tensor[] {
  return floatEntries(tree).map(([, leaf]) => leaf);
}

/** One row as a batch of one. */
function alone<C>(pulled: Pulled<C>): Pulled<C> {
  return treeMap(pulled, (leaf) => unsqueeze(leaf, 0));
}
