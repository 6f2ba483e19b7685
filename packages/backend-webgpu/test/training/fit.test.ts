import { createBackend as createOracle } from '@tempograd/backend-js';
import { BackendError } from '@tempograd/core';
import type { Backend } from '@tempograd/core';
import { fit, memoryCheckpointStore } from '@tempograd/nn';
import type { TrainingStep } from '@tempograd/nn';
import { describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { charTraining, release } from './training.js';
import type { CharTraining } from './training.js';

/** What of a step does not depend on the backend, and what does within rounding. */
const facts = ({ update, epoch, items, lossSteps }: TrainingStep): unknown => ({ update, epoch, items, lossSteps });

async function all(options: CharTraining): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of fit(options)) steps.push(step);
  return steps;
}

function expectSame(actual: readonly TrainingStep[], expected: readonly TrainingStep[]): void {
  expect(actual.map(facts)).toEqual(expected.map(facts));
  actual.forEach(({ loss, gradientNorm }, index) => {
    expect(loss).toBeCloseTo(expected[index]!.loss, 4);
    expect(gradientNorm).toBeCloseTo(expected[index]!.gradientNorm, 4);
  });
}

async function reference(steps: number, updates: number): Promise<TrainingStep[]> {
  const options = charTraining(createOracle(), steps, { updates });
  const expected = await all(options);
  release(options);
  return expected;
}

describe('fit', () => {
  test('gives the losses and gradients of the reference', async () => {
    const backend: Backend = await createBackend({ poison: true });
    const options = charTraining(backend, 10, { updates: 12 });
    expectSame(await all(options), await reference(10, 12));
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
    await expect(training).rejects.toThrow(/device was destroyed.*go on from the last checkpoint/);
    expect(seen.map(({ update }) => update)).toEqual([1, 2, 3, 4, 5]);
    release(options);
    expect(backend.memory().buffers).toBe(0);
    backend.dispose?.();

    const expected = await reference(8, 9);
    for (const next of [(await createBackend({ poison: true })) as Backend, createOracle() as Backend]) {
      const resumed = charTraining(next, 8, { updates: 9, resume: await store.load() });
      expectSame(await all(resumed), expected.slice(4));
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
