import { assign, disposeTree, keep, key, mul, scope, treeLeaves, truncatedBptt } from '@tempograd/core';
import { expect, test } from 'vitest';
import { checkpointInfo, fit, memoryCheckpointStore, type Checkpoint, type TrainingStep } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { all, settings, strategies, train, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

const facts = ({ peakBytes: _peakBytes, saved: _saved, ...step }: TrainingStep): unknown => step;

/** The training on a backend of its own that answers later, or as it is. */
function on(late: boolean, changes: Partial<CharTraining>): { options: CharTraining; left: () => number } {
  const options = settings(changes);
  if (!late) return { options, left: () => (disposeTree(options.params), 0) };
  const device = lateBackend();
  const params = scope(() => keep(options.task.init(key(1), { backend: device.backend })));
  disposeTree(options.params);
  return { options: { ...options, params }, left: () => (disposeTree(params), device.backend.memory().buffers) };
}

test.each([
  ['chunks', false],
  ['chunks', true],
  ['overlapping, stored', false],
  ['overlapping, stored', true],
] as const)(
  'breaking off saves where it was, and it goes on from there to the bit: %s, late: %s',
  async (name, late) => {
    const strategy = strategies[name] as CharTraining['strategy'];
    const whole = await train({ strategy, updates: 12 });
    for (const at of [1, 2, 5, 11]) {
      const store = memoryCheckpointStore();
      const { options, left } = on(late, { strategy, checkpoint: { store, every: 4 } });
      const first: TrainingStep[] = [];
      for await (const step of fit(options)) if (first.push(step) === at) break;
      const resume = (await store.load()) as Checkpoint;
      expect(checkpointInfo(resume).update).toBe(at);
      const second = await train({ strategy, resume, updates: 12 });
      expect([...first, ...second].map(facts)).toEqual(whole.map(facts));
      expect(left()).toBe(0);
    }
  },
);

test('an error of whoever iterates saves too, and comes through', async () => {
  for (const late of [false, true]) {
    const store = memoryCheckpointStore();
    const { options, left } = on(late, { checkpoint: { store } });
    const training = (async () => {
      for await (const { update } of fit(options)) if (update === 3) throw new Error('Enough of this.');
    })();
    await expect(training).rejects.toThrow('Enough of this.');
    expect(checkpointInfo((await store.load()) as Checkpoint).update).toBe(3);
    expect(left()).toBe(0);
  }
});

test('what was saved at the step is not saved again, and without a store nothing is', async () => {
  let saves = 0;
  const store = { load: () => Promise.resolve(null), save: () => Promise.resolve(void saves++) };
  for (const every of [1, 5]) {
    const options = settings({ checkpoint: { store, every } });
    for await (const { update } of fit(options)) if (update === 5) break;
    disposeTree(options.params);
  }
  expect(saves).toBe(5 + 1);
  const options = settings();
  for await (const { update } of fit(options)) if (update === 2) break;
  expect(
    (treeLeaves(options.params)[0] as { backend: { memory(): { buffers: number } } }).backend.memory().buffers,
  ).toBe(treeLeaves(options.params).length);
  disposeTree(options.params);
});

test('a store that fails is told of, and parameters that were spoilt are not saved', async () => {
  const full = { ...memoryCheckpointStore(), save: () => Promise.reject(new Error('The store is full.')) };
  const store = memoryCheckpointStore();
  for (const [checkpoint, spoil, message] of [
    [{ store: full }, false, 'The store is full.'],
    [{ store }, true, /parameters are not finite/],
  ] as const) {
    const options = settings({ checkpoint });
    const training = (async () => {
      for await (const { update } of fit(options)) {
        if (update < 2) continue;
        const [first] = treeLeaves(options.params);
        if (spoil && first) scope(() => assign(first, mul(first, NaN)));
        break;
      }
    })();
    await expect(training).rejects.toThrow(message);
    disposeTree(options.params);
  }
  expect(await store.load()).toBeNull();
});

test('a generator that is returned before it began does nothing', async () => {
  const store = memoryCheckpointStore();
  const options = settings({ checkpoint: { store }, strategy: truncatedBptt({ updateEvery: 5 }) });
  await fit(options).return();
  expect(await store.load()).toBeNull();
  const before = valuesOf(options.params);
  expect(await all(fit({ ...options, signal: AbortSignal.abort() }))).toEqual([]);
  expect(valuesOf(options.params)).toEqual(before);
  disposeTree(options.params);
});
