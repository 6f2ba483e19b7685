import { isFloat } from '../backend/dtype.js';
import { ArgumentError } from '../backend/errors.js';
import { vmap } from '../batching/index.js';
import { globalNorm } from '../tensor/fused/globalNorm.js';
import { abs, add, div, equal, max, maximum, mul, row, select, sum, unsqueeze } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeEntries, treeLeaves, treeMap } from '../tensor/tree.js';
import { joinTime, sliceTime } from '../recurrence/stretch.js';
import type { CutStep } from './cutSteps.js';

/**
 * Losses pulled back through one step, n of them side by side. Each cotangent is divided by its largest number first, so that a
 * gradient that fades over many steps stays within a float's range; whoever reads multiplies the scales of all steps.
 */
export interface PulledStep {
  /** The step, t. */
  readonly step: number;
  /** The steps s of the losses, latest first. */
  readonly losses: readonly number[];
  /** What the cotangents were divided by, `[n]`. */
  readonly scale: Tensor;
  /** `Σ(δ_s·I_t)²` over all parameters, its root: `[n]`. */
  readonly parameters: Tensor;
  /** `Σ(∂ℓ_t/∂output_t)²` of the scaled cotangent, `[1]`, where the loss is that of the step itself; else null. */
  readonly output: Tensor | null;
  /** Paths of the floating leaves of the carry before the step. */
  readonly names: readonly string[];
  /** `Σ(∂ℓ_s/∂h_{t−1})²` over the last axis of each of these leaves, `[n, …leading axes]`. */
  readonly states: readonly Tensor[];
}

interface Rows<C> {
  readonly losses: readonly number[];
  /** Leaves `[n, …]`. */
  readonly carry: C;
}

/**
 * Pulls the losses of steps that have one back through all steps, no further than `lags` steps each, and tells of every step.
 * What it tells belongs to the caller's scope.
 */
export function walkBack<P, C, O>(
  steps: readonly (CutStep<P, C, O> & { readonly at: number })[],
  lags: number,
  tell: (pulled: PulledStep) => void,
): void {
  let rows: Rows<C> | null = null;
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] as (typeof steps)[number];
    const former: Rows<C> | null = rows;
    const result = scope(() => {
      const older = former === null ? null : within(former, step.at + lags);
      const told: PulledStep[] = [];
      const carries: C[] = [];
      const take = (losses: readonly number[], { carry, ...norms }: Pulled<C>): void => {
        told.push({ step: step.at, losses, names: floatEntries(carry).map(([path]) => path), ...norms });
        if (carry !== null) carries.push(carry);
      };
      if (older !== null) take(older.losses, pullRows(step, older));
      if (step.local !== null) take([step.at], alone(pull(step, { carry: null, output: step.local.output })));
      const [one, other] = carries;
      const losses = told.flatMap((each) => each.losses);
      const next = one === undefined ? null : { losses, carry: other === undefined ? one : joinTime(one, other) };
      return { told, next };
    });
    for (const each of result.told) tell(each);
    disposeTree(former?.carry);
    rows = result.next;
  }
  disposeTree(rows?.carry);
}

interface Pulled<C> {
  readonly scale: Tensor;
  readonly parameters: Tensor;
  readonly output: Tensor | null;
  readonly states: readonly Tensor[];
  /** Null where the sequence begins. */
  readonly carry: C | null;
}

/** The rows of losses up to a step; null where there are none. */
function within<C>({ losses, carry }: Rows<C>, last: number): Rows<C> | null {
  const from = losses.findIndex((s) => s <= last);
  if (from < 0) return null;
  return from === 0 ? { losses, carry } : { losses: losses.slice(from), carry: sliceTime(carry, from, losses.length) };
}

function pullRows<P, C, O>(step: CutStep<P, C, O>, { losses, carry }: Rows<C>): Pulled<C> {
  const one = (cotangent: C): Pulled<C> => pull(step, { carry: cotangent, output: null });
  return losses.length > 1 ? vmap(one)(carry) : alone(one(first(carry)));
}

function pull<P, C, O>({ pullback }: CutStep<P, C, O>, cotangent: { carry: C | null; output: O | null }): Pulled<C> {
  const scale = largest(cotangent);
  const scaled = treeMap(cotangent, (leaf) => (isFloat(leaf.dtype) ? div(leaf, scale) : leaf));
  const { params, carry } = pullback(scaled as { carry: C; output: O });
  const gradients = treeLeaves(params).filter(({ dtype }) => isFloat(dtype));
  return {
    scale,
    parameters: gradients.length === 0 ? mul(scale, 0) : globalNorm(gradients),
    output: cotangent.output === null ? null : squaresOf(scaled.output),
    states: floatLeaves(carry).map((leaf) => sum(mul(leaf, leaf), leaf.rank === 0 ? {} : { axes: -1 })),
    carry: floatLeaves(carry).length === 0 ? null : carry,
  };
}

function squaresOf(tree: unknown): Tensor {
  return floatLeaves(tree)
    .map((leaf) => sum(mul(leaf, leaf)))
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

function first<C>(rows: C): C {
  return treeMap(rows, (leaf) => row(leaf, 0));
}

/** One row as a batch of one. */
function alone<C>(pulled: Pulled<C>): Pulled<C> {
  return treeMap(pulled, (leaf) => unsqueeze(leaf, 0));
}
