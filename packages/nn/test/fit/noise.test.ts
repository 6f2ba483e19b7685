import { disposeTree, foldIn, foldInName, keep, key, normal, scope, treeEntries, truncatedBptt } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { fit, memoryCheckpointStore, sgd, type Checkpoint } from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { all, settings, streams, train, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

const kinds: Readonly<Record<string, Partial<CharTraining>>> = {
  'on gradients': { gradientNoise: 0.01 },
  'on gradients, that fades': { gradientNoise: (step) => 0.05 / (1 + step) ** 0.55 },
  'on weights': { weightNoise: 0.05 },
  both: { weightNoise: 0.05, gradientNoise: 0.01, accumulate: 2 },
};

const losses = (steps: readonly { loss: number }[]): number[] => steps.map(({ loss }) => loss);

describe.each(Object.entries(kinds))('noise %s', (_name, noise) => {
  const changes = { ...noise, strategy: truncatedBptt({ updateEvery: 4, backwardSteps: 7 }), updates: 8 };

  test('is drawn by the key', async () => {
    const [once, again, other, none] = [
      await train(changes),
      await train(changes),
      await train({ ...changes, key: key(3) }),
      await train({ ...changes, weightNoise: 0, gradientNoise: 0 }),
    ];
    expect(losses(again)).toEqual(losses(once));
    expect(losses(other)).not.toEqual(losses(once));
    expect(losses(none)).not.toEqual(losses(once));
    expect(losses(once).every(Number.isFinite)).toBe(true);
  });

  test('does not depend on how the data is cut', async () => {
    const cut = async (steps: number): Promise<number[]> =>
      losses(await train({ ...changes, data: streams(3, steps) }));
    expectClose(await cut(3), await cut(50), 1e-6);
  });

  test('goes on from a checkpoint to the bit, also on a backend that answers later', async () => {
    const whole = losses(await train(changes));
    const store = memoryCheckpointStore();
    const first = losses(await train({ ...changes, updates: 3, checkpoint: { store } }));
    const resume = (await store.load()) as Checkpoint;
    const second = losses(await train({ ...changes, key: key(77), resume }));
    expect([...first, ...second]).toEqual(whole);
    const device = lateBackend();
    const options = settings(changes);
    disposeTree(options.params);
    const params = scope(() => keep(options.task.init(key(1), { backend: device.backend })));
    expect(losses(await all(fit({ ...options, params })))).toEqual(whole);
    disposeTree(params);
    expect(device.backend.memory().buffers).toBe(0);
  });
});

test('noise on gradients is normal, of the deviation asked for, and added after clipping', async () => {
  // Where nothing else moves the parameters, they move by the noise alone.
  const options = settings({
    updates: 1,
    gradientNoise: 0.5,
    clip: { norm: 1e-12 },
    optimiser: sgd({ learningRate: 1 }),
    key: key(9),
  });
  const before = valuesOf(options.params);
  const [step] = await all(fit(options));
  expect(step?.gradientNorm).toBeGreaterThan(1e-3);
  const after = valuesOf(options.params);
  const drawn = foldIn(foldInName(key(9), 'gradient'), 0);
  scope(() => {
    treeEntries(options.params).forEach(([path, leaf], index) => {
      const expected = normal(foldIn(drawn, index), leaf.shape).readSync();
      const moved = (after[path] as number[]).map((value, at) => ((before[path] as number[])[at] as number) - value);
      expectClose(
        moved,
        Array.from(expected, (value) => 0.5 * value),
        1e-5,
        path,
      );
    });
  });
  disposeTree(options.params);
});

test('the parameters themselves have no noise', async () => {
  const options = settings({ updates: 3, weightNoise: 0.3, optimiser: sgd({ learningRate: 0 }) });
  const before = valuesOf(options.params);
  await all(fit(options));
  expect(valuesOf(options.params)).toEqual(before);
  disposeTree(options.params);
});

test('a deviation that makes no sense is refused', async () => {
  const options = settings();
  for (const value of [-1, NaN, Infinity]) {
    expect(() => fit({ ...options, weightNoise: value })).toThrow(/weightNoise is a deviation/);
    expect(() => fit({ ...options, gradientNoise: value })).toThrow(/gradientNoise is a deviation/);
  }
  const before = valuesOf(options.params);
  await expect(all(fit({ ...options, gradientNoise: () => NaN }))).rejects.toThrow(/gradientNoise is a deviation/);
  expect(valuesOf(options.params)).toEqual(before);
  disposeTree(options.params);
});
