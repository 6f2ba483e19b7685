import { vjp, type Pullback } from '../autodiff/index.js';
import type { Key } from '../random/index.js';
import { requireLoss, type SequenceTask } from '../recurrence/SequenceTask.js';
import { sliceTime } from '../recurrence/stretch.js';
import { withoutFusedOps } from '../tensor/applyFused.js';
import { onesLike } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';

/** What the loss of a step says of that step alone. */
export interface LocalGradient<P, O> {
  /** The loss, a scalar. */
  readonly loss: Tensor;
  /** `∂ℓ_s/∂output_s`. */
  readonly output: O;
  /** What the loss says of parameters that it uses itself, the readout. */
  readonly params: P;
}

/** One step, with its way back. */
export interface CutStep<P, C, O> {
  readonly pullback: Pullback<{ params: P; carry: C | null }, { readonly carry: C; readonly output: O }>;
  /** The carry after it. */
  readonly carry: C;
  /** Null where it was not asked for. */
  readonly local: LocalGradient<P, O> | null;
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

/*
 * Steps run forward by ops: rows side by side go back through ops, and what ran forward as one kernel would be run again for it;
 * for a lone row of a lone step, a kernel that packs its weights first has nothing to gain.
 */

/**
 * Runs a task forward with a cut at each step, and gives the steps `first … last` to `fn`, whose ways back live as long as it runs.
 * What `fn` returns belongs to the caller's scope.
 */
export function withCutSteps<P, C, S, O, R>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  { first, last, carry: start, key, wantsLoss }: CutSettings<C>,
  fn: (steps: readonly CutStep<P, C, O>[]) => R,
): R {
  const steps: CutStep<P, C, O>[] = [];
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
        const forward = (x: { params: P; carry: C | null }): { carry: C; output: O } => {
          const after = task.forward(x.params, x.carry ?? task.initialCarry(x.params, at), at, context);
          return { carry: after.carry, output: after.output };
        };
        const before = carry;
        const { value, pullback } = withoutFusedOps(() => vjp(forward, { params, carry: before }));
        const step = { pullback, carry: value.carry, local: null };
        steps.push(step);
        if (wantsLoss(s)) {
          const local = localGradient((p: P, output: O) => task.loss(p, output, at, context), params, value.output);
          steps[steps.length - 1] = { ...step, local };
        }
        carry = value.carry;
      }
      return fn(steps);
    });
  } finally {
    for (const { pullback } of steps) pullback.dispose();
  }
}

function localGradient<P, O>(lossOf: (params: P, output: O) => Tensor, params: P, output: O): LocalGradient<P, O> {
  const { value, pullback } = vjp((x: { params: P; output: O }) => requireLoss(lossOf(x.params, x.output)), {
    params,
    output,
  });
  try {
    return { loss: value, ...pullback(onesLike(value)) };
  } finally {
    pullback.dispose();
  }
}
