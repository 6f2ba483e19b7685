import {
  countedLosses,
  sliceAxis,
  treeMap,
  truncationMask,
  type Key,
  type Strategy,
  type Tensor,
  type TruncatedBpttOptions,
} from '@tempograd/core';
import type { Check } from '../check/Check.js';
import { floats, type HostArray } from '../host/HostArray.js';
import { coreKit } from '../run/Kit.js';
import type { creditOf } from './creditOracle.js';
import { compareWithDifferences } from './differences.js';
import { runStrategy, type StrategyOutcome } from './runStrategy.js';
import { makeTask, writeParams, writeStretch, type TaskNumbers, type TaskShape } from './sequenceTask.js';

/** A run of a strategy, read: all gradients end to end, losses, carry, and facts. */
export interface RunNumbers {
  readonly gradient: HostArray;
  readonly losses: Float64Array;
  readonly carry: readonly HostArray[];
  readonly updates: StrategyOutcome['updates'];
  /** Bytes that were live before it. */
  readonly before: number;
}

/** Runs a strategy on the device over a sequence that is pushed in pieces of these lengths. */
export async function runOn(
  check: Check,
  strategy: Strategy,
  shape: TaskShape,
  numbers: TaskNumbers,
  pushes: readonly number[] = [shape.time],
  options: { readonly key?: Key } = {},
): Promise<RunNumbers> {
  let updates: StrategyOutcome['updates'] = [];
  let counts = [0, 0];
  let before = 0;
  const all = await check.device.run(() => {
    const stretch = writeStretch(check.device, numbers);
    let from = 0;
    const pieces = pushes.map((steps) => {
      const piece = treeMap(stretch, (x) => sliceAxis(x, from, from + steps));
      from += steps;
      return piece;
    });
    const task = makeTask(check.context.kit, shape, check.dtype);
    const params = writeParams(check.device, numbers);
    before = check.context.backend.memory().bytes;
    const outcome = check.recordPaths(() => runStrategy(strategy, task, params, pieces, options)).result;
    updates = outcome.updates;
    counts = [outcome.gradient.length, outcome.losses.length];
    return [...outcome.gradient, ...outcome.losses, ...outcome.carry];
  });
  const [gradients, losses] = counts as [number, number];
  return {
    gradient: endToEnd(all.slice(0, gradients)),
    losses: endToEnd(all.slice(gradients, gradients + losses)).values,
    carry: all.slice(gradients + losses),
    updates,
    before,
  };
}

function endToEnd(xs: readonly HostArray[]): HostArray {
  const values = xs.flatMap((x) => [...x.values]);
  return floats([values.length], values);
}

/** Numbers as one axis. */
export const asVector = (values: Float64Array): HostArray => floats([values.length], values);
/** Gradients of strategies are compared in this way. */
export const strategyGradient = { measure: 'gradient', opClass: 'strategy' } as const;

/** One regime against the masked credit matrix, and the account of its losses. */
export async function checkRegime(
  check: Check,
  shape: TaskShape,
  numbers: TaskNumbers,
  credit: ReturnType<typeof creditOf>,
  options: TruncatedBpttOptions,
  pushes?: readonly number[],
): Promise<void> {
  const { updateEvery, backwardSteps = updateEvery, lossScope = 'interval' } = options;
  const run = await runOn(check, check.context.kit.truncatedBptt(options), shape, numbers, pushes);
  const regime = { time: shape.time, updateEvery, backwardSteps, lossScope };
  const counted = countedLosses(regime);
  const scope = typeof lossScope === 'string' ? lossScope : 'weighted';
  const what = `updateEvery ${updateEvery}, backwardSteps ${backwardSteps}, lossScope ${scope}, staleness ${options.staleness ?? 'stored'}`;
  const expected = asVector(credit.masked(truncationMask(regime), counted));
  check.compare(run.gradient, expected, {
    ...strategyGradient,
    what: `${what}: the gradient against mask · credit matrix`,
  });
  checkAccount(check, run, credit.losses, counted, what);
}

/** Intervals follow one another without gap or overlap, dropped losses are declared, and each loss counts once. */
export function checkAccount(
  check: Check,
  run: RunNumbers,
  losses: Float64Array,
  counted: readonly number[],
  what: string,
): void {
  let reached = 0;
  run.updates.forEach(({ lossSteps, droppedLosses }, index) => {
    const steps = lossSteps.to - lossSteps.from;
    check.require(
      lossSteps.to - steps - droppedLosses === reached,
      `${what}: update ${index} counts losses ${lossSteps.from} to ${lossSteps.to} and drops ${droppedLosses}, but ${reached} came before`,
    );
    reached = lossSteps.to;
    const expected = losses.slice(lossSteps.from, lossSteps.to).reduce((a, b) => a + b, 0);
    check.compareNumber(run.losses[index] as number, expected, Math.max(expected, 1), {
      measure: 'value',
      opClass: 'strategy',
      what: `${what}: the loss of update ${index}`,
    });
  });
  check.require(reached === losses.length, `${what}: the updates end at step ${reached} of ${losses.length}`);
  const total = run.updates.reduce((sum, { lossSteps }) => sum + lossSteps.to - lossSteps.from, 0);
  const wanted = counted.reduce((a, b) => a + b, 0);
  check.require(total === wanted, `${what}: ${total} losses were counted, expected ${wanted}`);
}

/** A strategy's gradient against finite differences of the summed loss of one plain run. */
export async function compareWithLoss(
  check: Check,
  shape: TaskShape,
  numbers: TaskNumbers,
  gradient: HostArray,
): Promise<void> {
  const leaves = [...numbers.weights, numbers.readout, ...(numbers.start ?? [])];
  const loss = (...xs: Tensor[]): Tensor => {
    const [weight_ih, weight_hh, bias_ih, bias_hh, readout, ...start] = xs as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      ...Tensor[],
    ];
    const params = { cell: { weight_ih, weight_hh, bias_ih, bias_hh }, readout, start: numbers.start && start };
    const task = makeTask(coreKit, shape, check.dtype);
    const stretch = writeStretch(check.device, numbers);
    const context = { from: 0, key: null };
    return task.loss(
      params,
      task.forward(params, task.initialCarry(params, stretch), stretch, context).output,
      stretch,
      context,
    );
  };
  let from = 0;
  const parts = leaves.map((x) => {
    const part = floats(x.shape, gradient.values.subarray(from, from + x.values.length));
    from += x.values.length;
    return part;
  });
  await compareWithDifferences(check, loss, leaves, [floats([], [1])], parts, 'strategy');
}
