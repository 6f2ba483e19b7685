import type { RecurrentCell } from '@tempograd/core/backend';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { coreKit } from '../run/Kit.js';
import { creditOf } from '../subject/creditOracle.js';
import { sampleTask, type TaskShape } from '../subject/sequenceTask.js';
import {
  asVector,
  checkAccount,
  checkRegime,
  compareWithLoss,
  runOn,
  strategyGradient,
} from '../subject/strategyChecks.js';

const cells = ['rnnTanh', 'gru', 'lstm'] as const;
const time = 5;
const lengths = Array.from({ length: time + 1 }, (_, index) => index + 1);

/** Without overlap nothing is ever run again. */
const stalenessOf = (updateEvery: number, backwardSteps: number): readonly ('stored' | 'recompute')[] =>
  backwardSteps > updateEvery ? ['stored', 'recompute'] : ['stored'];

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
          for (const staleness of stalenessOf(updateEvery, backwardSteps)) {
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
        ...strategyGradient,
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
        for (const staleness of stalenessOf(updateEvery, backwardSteps)) {
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
            ...strategyGradient,
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
