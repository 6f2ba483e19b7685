import type { CheckpointOptions } from '@tempograd/core';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { coreKit } from '../run/Kit.js';
import { creditOf } from '../subject/creditOracle.js';
import { sampleTask, type TaskShape } from '../subject/sequenceTask.js';
import { asVector, checkAccount, checkRegime, runOn, strategyGradient } from '../subject/strategyChecks.js';

const exact = { measure: 'value', opClass: 'exact' } as const;
const all = { slots: Infinity, states: 'internal' } as const;

/** Budgets, and the steps forward that each asks for over seven steps in segments of two. */
const budgets: readonly (readonly [CheckpointOptions, number])[] = [
  [{ slots: 1 }, 2 * 9 + 1],
  [{ slots: 3 }, 2 * 6 + 1],
  [{ slots: 2, states: 'internal' }, 2 * 5 + 1],
  [{ slots: { hidden: 2, internal: 2 } }, 2 * 5 + 1],
];

const shapes: readonly TaskShape[] = [
  { cell: 'rnnTanh', time: 7, batch: 2, masked: true },
  { cell: 'gru', time: 7, batch: 1 },
  { cell: 'lstm', time: 7, batch: 2, learnedCarry: true },
];

/** Checkpointed backpropagation: no gradient of its own, but that of full backpropagation over the same segments, to the bit. */
export const checkpointingCases: readonly ConformanceCase[] = [
  ...shapes.map((shape) =>
    defineCase(
      {
        name: `checkpointedBptt: gradient, ${shape.cell}, the bits of full backpropagation over the same segments`,
        group: 'strategies',
        op: 'checkpointedBptt',
        kind: 'gradient',
      },
      async (check) => {
        const numbers = sampleTask(check.sample, shape);
        const credit = creditOf(check.oracle, coreKit, shape, numbers);
        const { checkpointedBptt } = check.context.kit;
        const whole = await runOn(check, checkpointedBptt({ ...all, segment: 2 }), shape, numbers);
        check.compare(whole.gradient, asVector(credit.masked()), {
          ...strategyGradient,
          what: 'the gradient against the sum of the credit matrix',
        });
        const ones = Array.from({ length: shape.time }, () => 1);
        checkAccount(check, whole, credit.losses, ones, 'all states stored');
        for (const [budget, forwardSteps] of budgets) {
          const what = JSON.stringify(budget);
          const run = await runOn(check, checkpointedBptt({ ...budget, segment: 2 }), shape, numbers, [3, 4]);
          check.compare(run.gradient, whole.gradient, { ...exact, what: `${what}: the gradient` });
          check.compare(asVector(run.losses), asVector(whole.losses), { ...exact, what: `${what}: the loss` });
          check.compareAll(run.carry, whole.carry, { ...exact, what: `${what}: the carry at the end` });
          const found = run.updates[0]?.forwardSteps;
          check.require(found === forwardSteps, `${what}: ${found} steps were run forward, ${forwardSteps} are needed`);
        }
      },
    ),
  ),
  defineCase(
    {
      name: 'truncatedBptt: gradient, gru, long windows with few states',
      group: 'strategies',
      op: 'truncatedBptt',
      kind: 'gradient',
    },
    async (check) => {
      const shape: TaskShape = { cell: 'gru', time: 7, batch: 2 };
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      const checkpoints = { slots: 1 } as const;
      for (const staleness of ['stored', 'recompute'] as const)
        await checkRegime(check, shape, numbers, credit, { updateEvery: 2, backwardSteps: 5, staleness, checkpoints });
      await checkRegime(check, shape, numbers, credit, { updateEvery: 3, backwardSteps: 1, checkpoints: {} }, [5, 2]);
    },
  ),
  defineCase(
    {
      name: 'checkpointedBptt: memory, a budget in bytes holds',
      group: 'strategies',
      op: 'checkpointedBptt',
      kind: 'memory',
    },
    async (check) => {
      const shape: TaskShape = { cell: 'lstm', time: 48, batch: 2 };
      const numbers = sampleTask(check.sample, shape);
      const { checkpointedBptt } = check.context.kit;
      const peakOf = async (options: CheckpointOptions): Promise<number> => {
        const { updates, before } = await runOn(check, checkpointedBptt(options), shape, numbers);
        return (updates[0]?.peakBytes ?? 0) - before;
      };
      const bytes = (await peakOf({ ...all, segment: 4 })) / 2;
      for (const states of ['mixed', 'hidden', 'internal'] as const) {
        const peak = await peakOf({ bytes, states });
        check.require(
          peak > 0 && peak <= bytes,
          `${states}: ${peak} bytes were live beyond those before, ${bytes} were allowed`,
        );
      }
    },
  ),
];
