import { createBackend as createReference } from '@tempograd/backend-js';
import type { Backend } from '@tempograd/core';
import { memoryCheckpointStore } from '@tempograd/nn';
import { expect, test } from 'vitest';
import { createBackend } from '../../src/index.js';
import { hasF16 } from '../support/hasF16.js';
import { lossesOf } from '../support/lossesOf.js';
import type { CharTraining } from './training.js';

const size = { hidden: 16, batch: 4 };

/** The loss of each update that a training makes; its backend holds nothing afterwards, and is disposed of. */
async function losses(backend: Backend, changes: Partial<CharTraining>): Promise<number[]> {
  const curve = await lossesOf(backend, 8, { ...size, ...changes });
  expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
  backend.dispose?.();
  return curve;
}

/**
 * How far a loss may be from the reference's, which computes in f32 too. Adam divides by √v, so that where a gradient is near 0 a
 * rounding of 6e-8 becomes a step of its own; the two drift apart by that.
 */
const tolerance = 1e-4;

function expectNear(curve: readonly number[], expected: readonly number[], within = tolerance): void {
  expect(curve).toHaveLength(expected.length);
  for (const [index, loss] of curve.entries()) {
    expect(Math.abs(loss - (expected[index] as number)), `loss ${index + 1}`).toBeLessThan(within);
  }
}

test("a character model follows the reference's loss over its first 200 updates", async () => {
  const curve = await losses(await createBackend({ poison: true }), { updates: 200 });
  expect(curve.at(-1)).toBeLessThan(0.5 * (curve[0] as number));
  expectNear(curve, await losses(createReference(), { updates: 200 }));
});

test('a training that passes between backends by its checkpoints loses what an unbroken one does', async () => {
  const store = memoryCheckpointStore();
  const curve: number[] = [];
  for (const [part, createPart] of [createReference, createBackend, createReference, createBackend].entries()) {
    const checkpoint = { store, every: 15 };
    const changes = { updates: 15 * (part + 1), checkpoint, ...(part > 0 && { resume: await store.load() }) };
    curve.push(...(await losses(await createPart(), changes)));
  }
  expectNear(curve, await losses(createReference(), { updates: 60 }));
});

test.runIf(await hasF16())(
  "with storage f16, which needs shader-f16, a training's loss stays within 0.002 of that with f32 over 200 updates",
  async () => {
    const half = await losses(await createBackend({ storage: 'f16' }), { updates: 200 });
    const full = await losses(await createBackend(), { updates: 200 });
    expect(half).not.toEqual(full);
    expectNear(half, full, 0.002);
  },
);
