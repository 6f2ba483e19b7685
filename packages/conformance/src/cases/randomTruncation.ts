import { artbpMask, countedLosses, key, telescopingMask, truncationMask } from '@tempograd/core';
import type { RecurrentCell } from '@tempograd/core/backend';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { coreKit } from '../run/Kit.js';
import { creditOf } from '../subject/creditOracle.js';
import { sampleTask, type TaskShape } from '../subject/sequenceTask.js';
import { asVector, checkAccount, runOn, strategyGradient } from '../subject/strategyChecks.js';

const cells = ['gru', 'lstm'] as const;
const shapeOf = (cell: RecurrentCell): TaskShape => ({ cell, time: 7, batch: 2, masked: true });
/** Cuts and lengths are drawn on the host, from this key: the same on every device. */
const runKey = key(3);
const all = Array.from({ length: 7 }, () => 1);

const artbpCase = (cell: RecurrentCell): ConformanceCase =>
  defineCase(
    { name: `artbp: gradient, ${cell}, a draw of cuts`, group: 'strategies', op: 'artbp', kind: 'gradient' },
    async (check) => {
      const shape = shapeOf(cell);
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      for (const cuts of [{ cutProbability: 0.4 }, { meanLength: 5, alpha: 4, segment: 2 }]) {
        const strategy = check.context.kit.artbp({ updateEvery: 3, ...cuts });
        const run = await runOn(check, strategy, shape, numbers, [4, 3], { key: runKey });
        const mask = artbpMask({ time: 7, ...cuts, cuts: coreKit.artbp({ updateEvery: 3, ...cuts }).cuts(runKey, 7) });
        const what = `artbp ${JSON.stringify(cuts)}`;
        check.compare(run.gradient, asVector(credit.masked(mask)), {
          ...strategyGradient,
          what: `${what}: the gradient against mask · credit matrix`,
        });
        checkAccount(check, run, credit.losses, all, what);
      }
    },
  );

const telescopingCase = (cell: RecurrentCell): ConformanceCase =>
  defineCase(
    {
      name: `randomTelescoping: gradient, ${cell}, a draw of lengths`,
      group: 'strategies',
      op: 'randomTelescoping',
      kind: 'gradient',
    },
    async (check) => {
      const shape = shapeOf(cell);
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      for (const estimator of ['russianRoulette', 'singleSample'] as const) {
        const lengths = { segment: 2, meanLength: 4, estimator };
        const strategy = check.context.kit.randomTelescoping({ updateEvery: 3, ...lengths });
        const run = await runOn(check, strategy, shape, numbers, [7], { key: runKey });
        const drawn = coreKit.randomTelescoping({ updateEvery: 3, ...lengths }).lengths(runKey, 7);
        const what = `randomTelescoping, ${estimator}`;
        const mask = telescopingMask({ time: 7, ...lengths, lengths: drawn });
        check.compare(run.gradient, asVector(credit.masked(mask)), {
          ...strategyGradient,
          what: `${what}: the gradient against mask · credit matrix`,
        });
        checkAccount(check, run, credit.losses, all, what);
      }
    },
  );

const weightsCase = (cell: RecurrentCell): ConformanceCase =>
  defineCase(
    {
      name: `truncatedBptt: gradient, ${cell}, weighted losses`,
      group: 'strategies',
      op: 'truncatedBptt',
      kind: 'gradient',
    },
    async (check) => {
      const shape = shapeOf(cell);
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.oracle, coreKit, shape, numbers);
      const regime = { updateEvery: 3, backwardSteps: 5, lossScope: [0, 2, 2, 0, 0, 0.5, 1] };
      const run = await runOn(check, check.context.kit.truncatedBptt(regime), shape, numbers);
      const masked = { time: 7, ...regime };
      check.compare(run.gradient, asVector(credit.masked(truncationMask(masked), countedLosses(masked))), {
        ...strategyGradient,
        what: 'weighted losses: the gradient against mask · credit matrix',
      });
      const dropped = run.updates.reduce((sum, { droppedLosses }) => sum + droppedLosses, 0);
      check.require(dropped === 3, `weighted losses: ${dropped} were said to be dropped, expected 3`);
    },
  );

/** Strategies that draw their cuts and lengths, and weights of losses, against the masks that define them. */
export const randomTruncationCases: readonly ConformanceCase[] = cells.flatMap((cell) => [
  artbpCase(cell),
  telescopingCase(cell),
  weightsCase(cell),
]);
