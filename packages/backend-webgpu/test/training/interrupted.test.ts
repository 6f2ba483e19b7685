import { createBackend as createOracle } from '@tempograd/backend-js';
import { BackendError } from '@tempograd/core';
import type { Backend } from '@tempograd/core';
import { fit, memoryCheckpointStore } from '@tempograd/nn';
import type { TrainingStep } from '@tempograd/nn';
import { describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { expectSame, referenceSteps, stepsOf } from './steps.js';
import { charTraining, release } from './training.js';

describe('a training', () => {
  test('ends with an error when the device is lost, and goes on elsewhere from the last checkpoint', async () => {
    const backend: Backend = await createBackend();
    const store = memoryCheckpointStore();
    const options = charTraining(backend, 8, { updates: 9, checkpoint: { store, every: 2 } });
    const seen: TrainingStep[] = [];
    const training = (async () => {
      for await (const step of fit(options)) {
        seen.push(step);
        if (step.update === 5) engineOf(backend).device.destroy();
      }
    })();
    await expect(training).rejects.toThrow(BackendError);
    await expect(training).rejects.toThrow(/device was destroyed.*go on from a checkpoint, if one was saved/);
    expect(seen.map(({ update }) => update)).toEqual([1, 2, 3, 4, 5]);
    release(options);
    expect(backend.memory().buffers).toBe(0);
    backend.dispose?.();

    const expected = await referenceSteps(8, 9);
    for (const next of [(await createBackend({ poison: true })) as Backend, createOracle() as Backend]) {
      const resumed = charTraining(next, 8, { updates: 9, resume: await store.load() });
      expectSame(await stepsOf(resumed), expected.slice(4));
      release(resumed);
      next.dispose?.();
    }
  });

  test('ends with an error when the backend is disposed of', async () => {
    const backend: Backend = await createBackend();
    const options = charTraining(backend, 8, { updates: 9 });
    const training = (async () => {
      for await (const { update } of fit(options)) if (update === 3) backend.dispose?.();
    })();
    await expect(training).rejects.toThrow(/disposed of/);
    release(options);
  });
});
