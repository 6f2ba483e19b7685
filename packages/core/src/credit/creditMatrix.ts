import { isFloat } from '../backend/dtype.js';
import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable } from '../backend/options.js';
import type { Key } from '../random/index.js';
import { timeOf } from '../recurrence/overTime.js';
import { requireTask, type SequenceTask } from '../recurrence/SequenceTask.js';
import { sliceTime } from '../recurrence/stretch.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeLeaves } from '../tensor/tree.js';
import { withCutSteps, type CutStep } from './cutSteps.js';
import { CreditTable } from './CreditTable.js';
import { hostCopy } from './hostCopy.js';
import { stepAgain, type StepAgain } from './stepAgain.js';
import { walkBack } from './walkBack.js';

/**
 * How much each loss says about the parameters as used at each step: `G[s][t] = q_s · D_s ⋯ D_{t+1} · I_t`, s ≥ t, over all
 * parameters laid end to end in the order of `treeLeaves(params)`.
 */
export interface CreditMatrix {
  /** Steps, T. */
  readonly time: number;
  /** Number of parameters, P. */
  readonly size: number;
  /** `credit[s][t]` for t ≤ s, each P long. Where all of them are many numbers, each is computed whenever it is asked for. */
  readonly credit: readonly (readonly Float64Array[])[];
  /** What the loss at s says about parameters that it uses itself (the readout), P long each. */
  readonly readout: readonly Float64Array[];
  /** Loss of each step. */
  readonly losses: Float64Array;
  /** `Σ_s counted[s]·readout[s] + Σ mask[s][t]·credit[s][t]`: the gradient of any truncation. Both default to all ones, full BPTT. @throws ArgumentError unless they are of T steps. */
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

/** Numbers of the matrix that are kept, at most; of a larger one, what its vectors are made of. */
const mostKept = 2 ** 22;

/**
 * The credit matrix: one forward pass cut at each step, and one way back that all losses go side by side. A matrix of more than four
 * million numbers is not kept: `norms()` and `masked(…)` need no vectors, and those of `credit` are computed when asked for, from copies of
 * parameters, stretch and states. Time grows with T², memory of the backend with T. f64 parameters give it to 1e-12.
 * @throws ArgumentError on a backend that cannot read synchronously, and for a task that cannot be cut in time.
 */
export function creditMatrix<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  options: CreditMatrixOptions<C> = {},
): CreditMatrix {
  requireTask('creditMatrix', task);
  checkOptions('creditMatrix', options, creditTable);
  const { carry = null, key = null } = options;
  const time = timeOf(stretch);
  const leaves = treeLeaves(params);
  if (leaves.some((leaf) => leaf.backend.readSync === undefined)) {
    throw new ArgumentError('creditMatrix: needs a backend that reads synchronously, such as js or wasm.');
  }
  if (task.causal === false && time > 1) {
    throw new ArgumentError(
      'creditMatrix: a layer of this task runs backward in time (bidirectional), so that losses speak of later steps too. Take a task that does not.',
    );
  }
  const sizes = leaves.map((leaf) => leaf.size);
  const size = sizes.reduce((sum, each) => sum + each, 0);
  const vectors = (size * time * (time + 1)) / 2 <= mostKept;
  const settings = { first: 0, last: time - 1, carry, key, wantsLoss: () => true };
  return scope(() =>
    withCutSteps(task, params, stretch, settings, (steps) => {
      const table = new CreditTable(time, sizes);
      for (const { at, local } of steps) {
        if (local === null) continue;
        const readout = local.params.map((leaf) => leaf && numbersOf(leaf));
        table.addLoss(at, numbersOf(local.loss)[0] as number, readout);
      }
      walkBack(
        steps,
        { params, lags: time, vectors },
        ({ step, losses, isOwn, cotangents, scale, parameters, vector }) => {
          const [scales, norms] = [numbersOf(scale), numbersOf(parameters)];
          const gradients = vector && numbersOf(vector);
          const parts = cotangents.map((leaf) => (vectors || !isFloat(leaf.dtype) ? null : numbersOf(leaf)));
          losses.forEach((s, row) => {
            const of = (all: Float64Array): Float64Array =>
              all.subarray((row * all.length) / losses.length, ((row + 1) * all.length) / losses.length);
            const numbers = parts.map((part) => part && of(part));
            table.add(s, step, {
              scale: scales[row] as number,
              norm: norms[row] as number,
              isOwn,
              numbers,
              vector: gradients && of(gradients),
            });
          });
        },
      );
      if (!vectors) {
        const again = hostCopy(params);
        for (const step of steps) table.addStep(step.at, stepOf(step, again));
      }
      return table.matrix();
    }),
  );

  function stepOf(step: CutStep<C, O>, again: () => P): StepAgain {
    return stepAgain(task, again, step, sliceTime(stretch, step.at, step.at + 1), { from: step.at, key });
  }
}

function numbersOf(x: Tensor): Float64Array {
  return Float64Array.from(x.readSync());
}
