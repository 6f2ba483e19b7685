import {
  countedLosses,
  sliceAxis,
  treeMap,
  truncationMask,
  type Strategy,
  type Tensor,
  type TruncatedBpttOptions,
} from '@tempograd/core';
import type { RecurrentCell } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { floats, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { coreKit } from '../run/Kit.js';
import { creditOf } from '../subject/creditOracle.js';
import { compareWithDifferences } from '../subject/differences.js';
import { runStrategy, type StrategyOutcome } from '../subject/runStrategy.js';
import {
  makeTask,
  sampleTask,
  writeParams,
  writeStretch,
  type TaskNumbers,
  type TaskShape,
} from '../subject/sequenceTask.js';

const cells = ['rnnTanh', 'gru', 'lstm'] as const;
const time = 5;
const lengths = Array.from({ length: time + 1 }, (_, index) => index + 1);

/** A run of a strategy, read: all gradients end to end, losses, carry, and facts. */
interface RunNumbers {
  readonly gradient: HostArray;
  readonly losses: Float64Array;
  readonly carry: readonly HostArray[];
  readonly updates: StrategyOutcome['updates'];
}

/** Runs a strategy on the device over a sequence that is pushed in pieces of these lengths. */
async function runOn(
  check: Check,
  strategy: Strategy,
  shape: TaskShape,
  numbers: TaskNumbers,
  pushes = [shape.time],
): Promise<RunNumbers> {
  let updates: StrategyOutcome['updates'] = [];
  let counts = [0, 0];
  const all = await check.device.run(() => {
    const stretch = writeStretch(check.device, numbers);
    let from = 0;
    const pieces = pushes.map((steps) => {
      const piece = treeMap(stretch, (x) => sliceAxis(x, from, from + steps));
      from += steps;
      return piece;
    });
    const task = makeTask(check.context.kit, shape, check.dtype);
    const outcome = check.recordPaths(() =>
      runStrategy(strategy, task, writeParams(check.device, numbers), pieces),
    ).result;
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
  };
}

function endToEnd(xs: readonly HostArray[]): HostArray {
  const values = xs.flatMap((x) => [...x.values]);
  return floats([values.length], values);
}

const asVector = (values: Float64Array): HostArray => floats([values.length], values);
const comparison = { measure: 'gradient', opClass: 'strategy' } as const;

/** One regime against the masked credit matrix, and the account of its losses. */
async function checkRegime(
  check: Check,
  shape: TaskShape,
  numbers: TaskNumbers,
  credit: ReturnType<typeof creditOf>,
  options: TruncatedBpttOptions,
  pushes?: number[],
): Promise<void> {
  const { updateEvery, backwardSteps = updateEvery, lossScope = 'interval' } = options;
  const run = await runOn(check, check.context.kit.truncatedBptt(options), shape, numbers, pushes);
  const regime = { time: shape.time, updateEvery, backwardSteps, lossScope };
  const counted = countedLosses(regime);
  const what = `updateEvery ${updateEvery}, backwardSteps ${backwardSteps}, lossScope ${lossScope}, staleness ${options.staleness ?? 'stored'}`;
  const expected = asVector(credit.masked(truncationMask(regime), counted));
  check.compare(run.gradient, expected, { ...comparison, what: `${what}: the gradient against mask · credit matrix` });
  checkAccount(check, run, credit.losses, counted, what);
}

/** Intervals follow one another without gap or overlap, dropped losses are declared, and each loss counts once. */
function checkAccount(
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

const regimeCase = (cell: RecurrentCell, updateEvery: number): ConformanceCase =>
  defineCase(
    {
      name: `truncatedBptt: gradient, ${cell}, updateEvery ${updateEvery}`,
      group: 'strategies',
      op: 'truncatedBptt',
      kind: 'gradient',
    },
    async (check) => {
      const shape: TaskShape = { cell, time, batch: 2 };
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      for (const backwardSteps of lengths) {
        for (const lossScope of ['interval', 'last'] as const) {
          for (const staleness of ['stored', 'recompute'] as const) {
            await checkRegime(check, shape, numbers, credit, { updateEvery, backwardSteps, lossScope, staleness });
          }
        }
      }
    },
  );

const fullCase = (cell: RecurrentCell, title: string, extra: Partial<TaskShape>): ConformanceCase =>
  defineCase(
    {
      name: `fullBptt: gradient, ${cell}${title && `, ${title}`}`,
      group: 'strategies',
      op: 'fullBptt',
      kind: 'gradient',
    },
    async (check) => {
      const shape: TaskShape = { cell, time: 7, batch: 2, ...extra };
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      const run = await runOn(check, check.context.kit.fullBptt(), shape, numbers, [3, shape.time - 3]);
      check.compare(run.gradient, asVector(credit.masked()), {
        ...comparison,
        what: 'the gradient against the sum of the credit matrix',
      });
      checkAccount(
        check,
        run,
        credit.losses,
        credit.readout.map(() => 1),
        'fullBptt',
      );
      await compareWithLoss(check, shape, numbers, run.gradient);
    },
  );

/** A strategy's gradient against finite differences of the summed loss of one plain run. */
async function compareWithLoss(
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
      task.forward(params, task.initialCarry(params), stretch, context).output,
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

/** A regime on a sequence that is not plain: masked, with a learned initial carry, or pushed in uneven pieces. */
const variantCase = (
  cell: RecurrentCell,
  title: string,
  extra: Partial<TaskShape>,
  pushes?: number[],
): ConformanceCase =>
  defineCase(
    { name: `truncatedBptt: gradient, ${cell}, ${title}`, group: 'strategies', op: 'truncatedBptt', kind: 'gradient' },
    async (check) => {
      const shape: TaskShape = { cell, time: 7, batch: 2, ...extra };
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      for (const [updateEvery, backwardSteps] of [
        [3, 3],
        [2, 4],
        [2, 3],
        [4, 2],
        [1, 3],
        [3, 1],
        [7, 7],
      ] as const) {
        for (const staleness of ['stored', 'recompute'] as const) {
          await checkRegime(check, shape, numbers, credit, { updateEvery, backwardSteps, staleness }, pushes);
        }
      }
    },
  );

/** Strategies against the masks that define them. */
export const strategyCases: readonly ConformanceCase[] = [
  ...cells.flatMap((cell) => [
    fullCase(cell, '', {}),
    fullCase(cell, 'learned initial carry', { learnedCarry: true }),
    fullCase(cell, 'masked', { masked: true }),
    ...lengths.map((updateEvery) => regimeCase(cell, updateEvery)),
    variantCase(cell, 'masked', { masked: true }),
    variantCase(cell, 'learned initial carry', { learnedCarry: true }),
    variantCase(cell, 'pushed in uneven pieces', {}, [1, 4, 2]),
    variantCase(cell, 'pushed step by step', {}, [1, 1, 1, 1, 1, 1, 1]),
    variantCase(cell, 'one row', { batch: 1 }),
  ]),
  ...cells.map((cell) =>
    defineCase(
      {
        name: `truncatedBptt: value, ${cell}, the carry keeps its value`,
        group: 'strategies',
        op: 'truncatedBptt',
        kind: 'value',
      },
      async (check) => {
        const shape: TaskShape = { cell, time: 7, batch: 2 };
        const numbers = sampleTask(check.sample, shape);
        const whole = await runOn(check, coreKit.fullBptt(), shape, numbers);
        for (const [updateEvery, backwardSteps] of [
          [2, 2],
          [2, 4],
          [3, 1],
          [1, 1],
        ] as const) {
          const run = await runOn(
            check,
            check.context.kit.truncatedBptt({ updateEvery, backwardSteps }),
            shape,
            numbers,
          );
          check.compareAll(run.carry, whole.carry, {
            measure: 'value',
            opClass: 'strategy',
            what: 'the carry at the end',
          });
        }
      },
    ),
  ),
  ...cells.map((cell) =>
    defineCase(
      {
        name: `truncatedBptt: gradient, ${cell}, all steps back is fullBptt, fewer is not`,
        group: 'strategies',
        op: 'truncatedBptt',
        kind: 'gradient',
      },
      async (check) => {
        const shape: TaskShape = { cell, time: 6, batch: 2 };
        const numbers = sampleTask(check.sample, shape);
        const whole = (await runOn(check, check.context.kit.fullBptt(), shape, numbers)).gradient;
        for (const backwardSteps of [6, 7, 100]) {
          const run = await runOn(
            check,
            check.context.kit.truncatedBptt({ updateEvery: 6, backwardSteps }),
            shape,
            numbers,
          );
          check.compare(run.gradient, whole, {
            ...comparison,
            what: `backwardSteps ${backwardSteps}: the gradient against fullBptt's`,
          });
        }
        const short = await runOn(
          check,
          check.context.kit.truncatedBptt({ updateEvery: 6, backwardSteps: 5 }),
          shape,
          numbers,
        );
        const apart = Math.max(...short.gradient.values.map((x, i) => Math.abs(x - (whole.values[i] as number))));
        check.require(
          apart > 1e-6,
          `backwardSteps 5 of 6 gives fullBptt's gradient within ${apart}; nothing was truncated`,
        );
      },
    ),
  ),
];
