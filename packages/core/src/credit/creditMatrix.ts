import { vjp, type Pullback } from '../autodiff/index.js';
import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable } from '../backend/options.js';
import type { Key } from '../random/index.js';
import { timeOf } from '../recurrence/overTime.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { sliceTime } from '../recurrence/stretch.js';
import { onesLike } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeLeaves } from '../tensor/tree.js';

/**
 * How much each loss says about the parameters as used at each step: `G[s][t] = q_s · D_s ⋯ D_{t+1} · I_t`, s ≥ t, over all
 * parameters laid end to end in the order of `treeLeaves(params)`.
 */
export interface CreditMatrix {
  /** Steps, T. */
  readonly time: number;
  /** Number of parameters, P. */
  readonly size: number;
  /** `credit[s][t]` for t ≤ s, each P long. */
  readonly credit: readonly (readonly Float64Array[])[];
  /** What the loss at s says about parameters that it uses itself (the readout), P long each. */
  readonly readout: readonly Float64Array[];
  /** Loss of each step. */
  readonly losses: Float64Array;
  /** `Σ_s counted[s]·readout[s] + Σ mask[s][t]·credit[s][t]`: the gradient of any truncation. Both default to all ones, full BPTT. */
  masked(mask?: readonly (readonly number[])[], counted?: readonly number[]): Float64Array;
  /** `‖G[s][t]‖`, T × T, 0 above the diagonal: how credit fades with distance. */
  norms(): number[][];
}

/** Where to start, and what is drawn. */
export interface CreditMatrixOptions<C = unknown> {
  /** Default is the task's initial carry. */
  readonly carry?: C;
  /** Random numbers of the run; default is none. */
  readonly key?: Key | null;
}

const creditTable = optionTable<CreditMatrixOptions>({ carry: 'tree', key: 'key or null' });

/**
 * The credit matrix by brute force: one differentiation per step, and one walk back from every loss. Time and memory grow
 * with T², so it is for oracles and pictures of short stretches; f64 parameters give it to 1e-12.
 * @throws ArgumentError on a backend that cannot read synchronously.
 */
export function creditMatrix<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  options: CreditMatrixOptions<C> = {},
): CreditMatrix {
  checkOptions('creditMatrix', options, creditTable);
  const time = timeOf(stretch);
  const leaves = treeLeaves(params);
  if (leaves.some((leaf) => leaf.backend.readSync === undefined)) {
    throw new ArgumentError('creditMatrix: needs a backend that reads synchronously, such as js or wasm.');
  }
  const size = leaves.reduce((sum, leaf) => sum + leaf.size, 0);
  return scope(() => {
    const steps: StepBack<P, C, O>[] = [];
    const credit: Float64Array[][] = [];
    const readout: Float64Array[] = [];
    const losses = new Float64Array(time);
    let carry: C | null = options.carry ?? null;
    for (let s = 0; s < time; s++) {
      const at = sliceTime(stretch, s, s + 1);
      const context = { from: s, key: options.key ?? null };
      const start = carry;
      const step = vjp(
        (x: { params: P; carry: C | null }) =>
          task.forward(x.params, x.carry ?? task.initialCarry(x.params, at), at, context),
        { params, carry: start },
      );
      const local = vjp((x: { params: P; output: O }) => task.loss(x.params, x.output, at, context), {
        params,
        output: step.value.output,
      });
      losses[s] = numbers(local.value)[0] as number;
      const q = local.pullback(onesLike(local.value));
      local.pullback.dispose();
      readout.push(flatten(q.params, size));
      steps.push(step.pullback);
      credit.push(walkBack(steps, q.output, size));
      carry = step.value.carry;
    }
    for (const step of steps) step.dispose();
    return makeCreditMatrix(time, size, credit, readout, losses);
  });
}

type StepBack<P, C, O> = Pullback<{ params: P; carry: C | null }, { readonly carry: C; readonly output: O }>;

/** Row s of the matrix: the local gradient of the last step's loss, pulled back through all steps. */
function walkBack<P, C, O>(steps: readonly StepBack<P, C, O>[], outputCotangent: O, size: number): Float64Array[] {
  return scope(() => {
    const row = new Array<Float64Array>(steps.length);
    let cotangent: { carry: C | null; output: O | null } = { carry: null, output: outputCotangent };
    for (let t = steps.length - 1; t >= 0; t--) {
      const pulled = (steps[t] as StepBack<P, C, O>)(cotangent as { carry: C; output: O });
      row[t] = flatten(pulled.params, size);
      cotangent = { carry: pulled.carry, output: null };
    }
    return row;
  });
}

function makeCreditMatrix(
  time: number,
  size: number,
  credit: readonly (readonly Float64Array[])[],
  readout: readonly Float64Array[],
  losses: Float64Array,
): CreditMatrix {
  return {
    time,
    size,
    credit,
    readout,
    losses,
    masked(mask, counted) {
      const total = new Float64Array(size);
      for (let s = 0; s < time; s++) {
        addScaled(total, readout[s] as Float64Array, counted?.[s] ?? 1);
        for (let t = 0; t <= s; t++) addScaled(total, credit[s]?.[t] as Float64Array, mask?.[s]?.[t] ?? 1);
      }
      return total;
    },
    norms: () =>
      credit.map((row) => Array.from({ length: time }, (_, t) => (row[t] === undefined ? 0 : Math.hypot(...row[t])))),
  };
}

function addScaled(total: Float64Array, x: Float64Array, factor: number): void {
  if (factor === 0) return;
  for (let index = 0; index < total.length; index++)
    total[index] = (total[index] as number) + factor * (x[index] as number);
}

/** A gradient tree as one vector. */
function flatten(tree: unknown, size: number): Float64Array {
  const flat = new Float64Array(size);
  let offset = 0;
  for (const leaf of treeLeaves(tree)) {
    flat.set(numbers(leaf), offset);
    offset += leaf.size;
  }
  return flat;
}

function numbers(x: Tensor): Float64Array {
  return Float64Array.from(x.readSync());
}
