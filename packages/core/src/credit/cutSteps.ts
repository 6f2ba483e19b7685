import { factoredVjp, gradientOf, type FactoredVjp } from '../autodiff/factoredVjp.js';
import type { Key } from '../random/index.js';
import { requireLoss, type SequenceTask, type StepContext } from '../recurrence/SequenceTask.js';
import { sliceTime } from '../recurrence/stretch.js';
import { withoutFusedOps } from '../tensor/applyFused.js';
import { onesLike, zerosLike } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeFill, treeLeaves } from '../tensor/tree.js';

/** What the loss of a step says of that step alone. */
export interface LocalGradient<O> {
  /** The loss, a scalar. */
  readonly loss: Tensor;
  /** `∂ℓ_s/∂output_s`. */
  readonly output: O;
  /** What the loss says of parameters that it uses itself, the readout, by leaf; null where it does not use it. */
  readonly params: readonly (Tensor | null)[];
}

/** One step, with its way back. */
export interface CutStep<C, O> {
  /** Its number, t. */
  readonly at: number;
  /** The way back of `{ carry, output }` to parameters and carry. */
  readonly back: FactoredVjp<{ readonly carry: C; readonly output: O }>;
  /** The carry before it; null where the sequence begins. */
  readonly before: C | null;
  /** The carry after it. */
  readonly carry: C;
  /** Null where it was not asked for. */
  readonly local: LocalGradient<O> | null;
}

/** Which steps to cut. */
export interface CutSettings<C> {
  /** Steps before it are run as one, with no way back. */
  readonly first: number;
  /** The last step that is run. */
  readonly last: number;
  /** Null for the task's initial carry. */
  readonly carry: C | null;
  readonly key: Key | null;
  /** Whether the gradient of the loss of a step is wanted. */
  readonly wantsLoss: (step: number) => boolean;
}

/**
 * Runs a task forward with a cut at each step, and gives the steps `first … last` to `fn`, whose ways back live as long as it runs.
 * What `fn` returns belongs to the caller's scope.
 */
export function withCutSteps<P, C, S, O, R>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  { first, last, carry: start, key, wantsLoss }: CutSettings<C>,
  fn: (steps: readonly CutStep<C, O>[]) => R,
): R {
  const steps: CutStep<C, O>[] = [];
  try {
    return scope(() => {
      let carry = start;
      if (first > 0) {
        const before = sliceTime(stretch, 0, first);
        carry = task.forward(params, carry ?? task.initialCarry(params, before), before, { from: 0, key }).carry;
      }
      for (let s = first; s <= last; s++) {
        const at = sliceTime(stretch, s, s + 1);
        const context = { from: s, key };
        const before = carry;
        const back = stepBack(task, params, before, at, context);
        const step = { at: s, back, before, carry: back.value.carry, local: null };
        steps.push(step);
        if (wantsLoss(s)) {
          const local = localGradient(
            (p: P, output: O) => task.loss(p, output, at, context),
            params,
            back.value.output,
          );
          steps[steps.length - 1] = { ...step, local };
        }
        carry = back.value.carry;
      }
      return fn(steps);
    });
  } finally {
    for (const { back } of steps) back.dispose();
  }
}

/**
 * A step and its way back. It runs forward by ops: rows side by side go back through ops, and what ran forward as one kernel would be
 * run again for them; and a kernel that packs its weights first gains nothing by one row of one step.
 */
export function stepBack<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  before: C | null,
  at: S,
  context: StepContext,
): CutStep<C, O>['back'] {
  const forward = (p: P, carry: C | null): { carry: C; output: O } => {
    const after = task.forward(p, carry ?? task.initialCarry(p, at), at, context);
    return { carry: after.carry, output: after.output };
  };
  return withoutFusedOps(() => factoredVjp(forward, params, before));
}

function localGradient<P, O>(lossOf: (params: P, output: O) => Tensor, params: P, output: O): LocalGradient<O> {
  const back = withoutFusedOps(() => factoredVjp((p: P, o: O) => requireLoss(lossOf(p, o)), params, output));
  try {
    const { weights, rest } = back.pull([onesLike(back.value)]);
    const leaves = treeLeaves(output);
    const filled = rest.map((gradient, index) => gradient ?? zerosLike(leaves[index] as Tensor));
    return { loss: back.value, output: treeFill(output, filled), params: weights.map(gradientOf) };
  } finally {
    back.dispose();
  }
}
