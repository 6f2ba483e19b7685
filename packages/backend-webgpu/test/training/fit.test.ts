import { createBackend as createOracle } from '@tempograd/backend-js';
import { full, type Backend } from '@tempograd/core';
import { adamw, fit, type TrainingStep } from '@tempograd/nn';
import { describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { expectSame, referenceSteps, stepsOf } from './steps.js';
import { charTraining, release, type CharTraining } from './training.js';

describe('fit', () => {
  test('gives the losses and gradients of the reference', async () => {
    const backend: Backend = await createBackend({ poison: true });
    const options = charTraining(backend, 10, { updates: 12 });
    expectSame(await stepsOf(options), await referenceSteps(10, 12));
    release(options);
    expect(backend.memory().buffers).toBe(0);
    backend.dispose?.();
  });

  test('takes no step of an update in which no loss counts, which only the device knows', async () => {
    const results: TrainingStep[][] = [];
    for (const backend of [createOracle(), await createBackend({ poison: true })] as Backend[]) {
      const options = charTraining(backend, 5, {
        updates: 6,
        optimiser: adamw({ learningRate: 0.05, weightDecay: 0.1 }),
      });
      const data: CharTraining['data'] = {
        ...options.data,
        async *open(position, where = {}) {
          let { index } = position;
          for await (const { stretch, ends } of options.data.open(position, where)) {
            const mask = full(stretch.inputs.shape, Number(index++ % 3 === 1), { dtype: 'i32', backend });
            yield { stretch: { ...stretch, mask }, ends };
          }
        },
      };
      results.push(await stepsOf({ ...options, data }));
      release(options);
      expect(backend.memory().buffers).toBe(0);
      backend.dispose?.();
    }
    const [expected, actual] = results as [TrainingStep[], TrainingStep[]];
    expectSame(actual, expected);
    expect(actual.map(({ skipped }) => skipped)).toEqual([1, 2, 2, 2, 2, 2]);
  });

  test('reads back once an update, hands in as often however long the chunk, and after warm-up makes nothing', async () => {
    const submissions: number[] = [];
    for (const steps of [4, 12]) {
      const backend: Backend = await createBackend();
      const gpu = engineOf(backend);
      const options = charTraining(backend, steps, { updates: 30 });
      let before = { ...gpu.commands.counts };
      let made = gpu.made;
      for await (const { update } of fit(options)) {
        const now = { ...gpu.commands.counts };
        if (update > 12 && update < 30) {
          expect(now.readBacks - before.readBacks, `read-backs of update ${update}`).toBe(1);
          submissions.push(now.submissions - before.submissions);
          expect(gpu.made, `made in update ${update}`).toEqual(made);
        }
        before = now;
        made = gpu.made;
      }
      release(options);
      backend.dispose?.();
    }
    // The gradient, and the optimiser's steps with what is read.
    expect(new Set(submissions)).toEqual(new Set([2]));
  });
});
