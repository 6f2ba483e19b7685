import type { Backend } from '@tempograd/core';
import { fit } from '@tempograd/nn';
import { describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { expectSame, referenceSteps, stepsOf } from './steps.js';
import { charTraining, release } from './training.js';

describe('fit', () => {
  test('gives the losses and gradients of the reference', async () => {
    const backend: Backend = await createBackend({ poison: true });
    const options = charTraining(backend, 10, { updates: 12 });
    expectSame(await stepsOf(options), await referenceSteps(10, 12));
    release(options);
    expect(backend.memory().buffers).toBe(0);
    backend.dispose?.();
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
