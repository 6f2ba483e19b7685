import { vectorOf } from '../autodiff/factoredVjp.js';
import type { SequenceTask, StepContext } from '../recurrence/SequenceTask.js';
import { withBackend } from '../tensor/defaultBackend.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeLeaves } from '../tensor/tree.js';
import { stepBack, type CutStep } from './cutSteps.js';
import { hostCopy } from './hostCopy.js';

/** Numbers of each leaf of a cotangent, null for zero. */
type Numbers = readonly (Float64Array | null)[];

/**
 * The gradient of all parameters, end to end, by cotangents of the carry after a step and of its output; null for zero. The step runs
 * again for it, of copies on the host: nothing is held on the backend in between.
 */
export type StepAgain = (carry: Numbers | null, output: Numbers | null) => Float64Array;

/** A step that ran, to be run again; `params` makes the parameters. */
export function stepAgain<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: () => P,
  { back, before }: CutStep<C, O>,
  stretch: S,
  context: StepContext,
): StepAgain {
  const [at, start, value] = [hostCopy(stretch), hostCopy(before), hostCopy(back.value)];
  const carries = treeLeaves(back.value.carry).length;
  const outputs = treeLeaves(back.value.output).length;
  const { backend } = treeLeaves(back.value)[0] as Tensor;
  const nothing = (count: number): null[] => new Array<null>(count).fill(null);
  return (carry, output) =>
    withBackend(backend, () =>
      scope(() => {
        const again = params();
        const way = stepBack(task, again, start(), at(), context);
        try {
          const given = [...(carry ?? nothing(carries)), ...(output ?? nothing(outputs))];
          const leaves = treeLeaves(value(given));
          const cotangents = leaves.map((leaf, index) => (given[index] === null ? null : leaf));
          return Float64Array.from(vectorOf(way.pull(cotangents).weights, again).readSync());
        } finally {
          way.dispose();
        }
      }),
    );
}
