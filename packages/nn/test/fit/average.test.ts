import { disposeTree, keep, key, scope, shareTree, treeEntries, zeros } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  CheckpointError,
  evaluate,
  fit,
  memoryCheckpointStore,
  type Checkpoint,
  type SequenceModelParams,
} from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { all, settings, streams, text, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

/** Trains with an average beside the parameters; both are disposed of. */
async function train(
  changes: Partial<CharTraining>,
  follow: { readonly decay: number; readonly warmUp?: boolean } = { decay: 0.9 },
): Promise<{ losses: number[]; params: Record<string, number[]>; average: Record<string, number[]> }> {
  const options = settings(changes);
  const average = shareTree(options.params);
  const steps = await all(fit({ ...options, average: { params: average, ...follow } }));
  const result = {
    losses: steps.map(({ loss }) => loss),
    params: valuesOf(options.params),
    average: valuesOf(average),
  };
  disposeTree([options.params, average]);
  return result;
}

describe('a running average of the parameters', () => {
  test.each([
    ['with a warm-up', { decay: 0.7 }, (t: number) => Math.min(0.7, (1 + t) / (10 + t))],
    ['without', { decay: 0.7, warmUp: false }, () => 0.7],
    ['of no memory', { decay: 0 }, () => 0],
  ] as const)('follows them by the formula: %s', async (_name, follow, decayAt) => {
    const options = settings({ updates: 15 });
    const average = shareTree(options.params);
    const expected = valuesOf(options.params);
    for await (const { update } of fit({ ...options, average: { params: average, ...follow } })) {
      const decay = decayAt(update - 1);
      for (const [path, values] of Object.entries(valuesOf(options.params)))
        expected[path] = values.map(
          (value, index) => decay * (expected[path]?.[index] as number) + (1 - decay) * value,
        );
      for (const [path, values] of Object.entries(valuesOf(average)))
        expectClose(values, expected[path] as number[], 1e-6, path);
    }
    disposeTree([options.params, average]);
  });

  test('changes nothing about the training', async () => {
    const plain = settings({ updates: 8, model: { dropout: 0.2 } });
    const losses = (await all(fit(plain))).map(({ loss }) => loss);
    disposeTree(plain.params);
    expect((await train({ updates: 8, model: { dropout: 0.2 } } as Partial<CharTraining>)).losses).toEqual(losses);
  });

  test('goes on from a checkpoint to the bit, with its values', async () => {
    const whole = await train({ updates: 9 });
    for (const at of [1, 4, 8]) {
      const store = memoryCheckpointStore();
      await train({ updates: at, checkpoint: { store } });
      const resumed = await train({ updates: 9, resume: await store.load() });
      expect(resumed).toEqual({ ...whole, losses: whole.losses.slice(at) });
    }
  });

  test('is the same on a backend that answers later', async () => {
    const device = lateBackend();
    const usual = await train({ updates: 6 });
    const made = settings({ updates: 6 });
    disposeTree(made.params);
    const params = scope(() => keep(made.task.init(key(1), { backend: device.backend })));
    const average = shareTree(params);
    await all(fit({ ...made, params, average: { params: average, decay: 0.9 } }));
    const peeked = Object.fromEntries(treeEntries(average).map(([path, leaf]) => [path, device.peek(leaf)]));
    expect(peeked).toEqual(usual.average);
    disposeTree([params, average]);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test('is evaluated in the place of the parameters where that is asked for', async () => {
    const options = settings({ updates: 6 });
    const average = shareTree(options.params);
    const data = streams(2, 30, text.slice(0, 100));
    const steps = await all(
      fit({ ...options, average: { params: average, decay: 0.9 }, evaluate: { data, every: 6, params: average } }),
    );
    const { loss } = await evaluate({ task: options.task, params: average, data });
    expect(steps.at(-1)?.evaluation?.loss).toBe(loss);
    expect((await evaluate({ task: options.task, params: options.params, data })).loss).not.toBe(loss);
    disposeTree([options.params, average]);
  });

  test('that makes no sense is refused', async () => {
    const options = settings({ updates: 2 });
    const average = shareTree(options.params);
    const other = scope(() => keep({ rnn: zeros([2]) })) as unknown as SequenceModelParams;
    for (const decay of [1, -0.1, NaN])
      expect(() => fit({ ...options, average: { params: average, decay } })).toThrow(/decay must lie in \[0, 1\)/);
    expect(() => fit({ ...options, average: { params: options.params, decay: 0.9 } })).toThrow(
      /are the parameters themselves; .*shareTree/,
    );
    expect(() => fit({ ...options, average: { params: other, decay: 0.9 } })).toThrow(
      /must be a tree like the parameters/,
    );
    expect(() => fit({ ...options, average: 0.9 as never })).toThrow(/average/);
    const [withIt, without] = [memoryCheckpointStore(), memoryCheckpointStore()];
    await train({ updates: 1, checkpoint: { store: withIt } });
    await all(fit({ ...options, updates: 1, checkpoint: { store: without } }));
    const resumeWith = (await withIt.load()) as Checkpoint;
    expect(() => fit({ ...options, resume: resumeWith })).toThrow(/holds a running average/);
    const resume = (await without.load()) as Checkpoint;
    expect(() => fit({ ...options, resume, average: { params: average, decay: 0.9 } })).toThrow(CheckpointError);
    disposeTree([options.params, average, other]);
  });
});
