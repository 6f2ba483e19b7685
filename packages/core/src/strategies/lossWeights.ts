import { ArgumentError } from '../backend/errors.js';
import { isFloat } from '../backend/dtype.js';
import { timeOf } from '../recurrence/overTime.js';
import { requireLoss, type SequenceTask, type StepContext } from '../recurrence/SequenceTask.js';
import { sliceTime } from '../recurrence/stretch.js';
import { add, fromArray, gather, mul, scalar } from '../tensor/ops/index.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeLeaves, treeMap } from '../tensor/tree.js';
import type { StrategyRun, Update } from './Strategy.js';

/**
 * What the loss of each step is multiplied by, by the number of the step, counted from the sequence's first: a function, or an array of
 * as many numbers as there are steps. It may be asked again of the same step and must answer the same. At weight 0 nothing of the loss is
 * computed.
 */
export type LossWeights = ((step: number) => number) | ArrayLike<number>;

/** Steps one after another whose losses weigh the same, counted from the stretch's first. */
interface WeightedRange {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Weights as a function. */
function weightsBy(of: string, weights: LossWeights): (step: number) => number {
  return (step) => {
    const weight: unknown = typeof weights === 'function' ? weights(step) : weights[step];
    if (typeof weight === 'number' && Number.isFinite(weight)) return weight;
    const fault =
      weight === undefined && typeof weights !== 'function' && step >= weights.length
        ? `has ${weights.length} numbers, but there is a step ${step}, counted from 0`
        : `must give a finite number for each step, but gives ${typeof weight === 'string' ? JSON.stringify(weight) : String(weight)} for step ${step}`;
    throw new ArgumentError(`${of}: lossScope ${fault}.`);
  };
}

/** Starts a run of a task whose losses are weighted; `lossScope` null leaves them as they are. */
export function startWeighted<P, C, S, O>(
  of: string,
  lossScope: LossWeights | null,
  task: SequenceTask<P, C, S, O>,
  start: (task: SequenceTask<P, C, S, O>) => StrategyRun<P, C, S>,
): StrategyRun<P, C, S> {
  if (lossScope === null) return start(task);
  const weightOf = weightsBy(of, lossScope);
  return countingDropped(start(withLossWeights(task, weightOf)), weightOf);
}

/** The task with its losses weighted: `loss` is called for ranges of equal weight alone, with the step that each begins at. */
function withLossWeights<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  weightOf: (step: number) => number,
): SequenceTask<P, C, S, O> {
  return {
    initialCarry: (params, stretch) => task.initialCarry(params, stretch),
    forward: (params, carry, stretch, context) => task.forward(params, carry, stretch, context),
    loss(params, output, stretch, context) {
      const time = timeOf(stretch);
      const ranges = rangesOf(weightOf, context.from, time);
      if (ranges.length === 0) return zeroLike([params, output]);
      const counted = countedOutputs(output, ranges, time);
      let at = 0;
      return ranges
        .map((range) => {
          const steps = range.to - range.from;
          const part = { output: partOf(counted, at, at + steps), stretch: partOf(stretch, range.from, range.to) };
          at += steps;
          return weightedLoss(task, params, part, { ...context, from: context.from + range.from }, range.weight);
        })
        .reduce((sum, loss) => add(sum, loss));
    },
    ...(task.causal === undefined ? {} : { causal: task.causal }),
  };
}

function rangesOf(weightOf: (step: number) => number, first: number, time: number): WeightedRange[] {
  const ranges: WeightedRange[] = [];
  for (let step = 0; step < time; step++) {
    const weight = weightOf(first + step);
    const latest = ranges.at(-1);
    if (latest?.to === step && latest.weight === weight)
      ranges.push({ ...(ranges.pop() as WeightedRange), to: step + 1 });
    else if (weight !== 0) ranges.push({ from: step, to: step + 1, weight });
  }
  return ranges;
}

/** The outputs of the ranges one after another. Of several they are chosen at once, so that the way back puts them in place at once. */
function countedOutputs<O>(output: O, ranges: readonly WeightedRange[], time: number): O {
  const [first] = ranges as [WeightedRange, ...WeightedRange[]];
  if (ranges.length === 1) return first.to - first.from === time ? output : sliceTime(output, first.from, first.to);
  const steps = ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
  return treeMap(output, (leaf) =>
    gather(leaf, fromArray(steps, [steps.length], { dtype: 'i32', backend: leaf.backend })),
  );
}

/** Steps of a tree; itself where they are all of it. */
function partOf<T>(tree: T, from: number, to: number): T {
  return from === 0 && to === timeOf(tree, 'outputs') ? tree : sliceTime(tree, from, to);
}

function weightedLoss<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  part: { readonly output: O; readonly stretch: S },
  context: StepContext,
  weight: number,
): Tensor {
  const loss = requireLoss(task.loss(params, part.output, part.stretch, context));
  return weight === 1 ? loss : mul(loss, weight);
}

/** The loss of no steps. */
function zeroLike(tree: unknown): Tensor {
  const like = treeLeaves(tree).find(({ dtype }) => isFloat(dtype));
  return scalar(0, like && { dtype: like.dtype, backend: like.backend });
}

/** The run, whose updates say how many losses had no weight. */
function countingDropped<P, C, S>(run: StrategyRun<P, C, S>, weightOf: (step: number) => number): StrategyRun<P, C, S> {
  function* counted(updates: Generator<Update<P>, void, void>): Generator<Update<P>, void, void> {
    for (const update of updates) {
      let { droppedLosses } = update;
      for (let step = update.lossSteps.from; step < update.lossSteps.to; step++)
        if (weightOf(step) === 0) droppedLosses++;
      yield { ...update, droppedLosses };
    }
  }
  return {
    push: (params, stretch) => counted(run.push(params, stretch)),
    finish: (params) => counted(run.finish(params)),
    get position() {
      return run.position;
    },
    get carry() {
      return run.carry;
    },
    snapshot: () => run.snapshot(),
    dispose: () => run.dispose(),
  };
}
