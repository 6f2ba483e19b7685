import { disposeTree, keep, key, scope, shareTree, treeEntries, treeLeaves, truncatedBptt } from '@tempograd/core';
import { expect, test } from 'vitest';
import {
  adam,
  fit,
  memoryCheckpointStore,
  reduceOnPlateau,
  type DataSource,
  type SequenceStretch,
  type TrainingStep,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { settings, streams, text, type CharTraining } from './training.js';

withFreshBackend();

const all = (late: boolean): Partial<CharTraining> & { readonly left: () => number; readonly read: () => unknown } => {
  const device = lateBackend();
  const made = settings({ model: { dropout: 0.1 } });
  const params = late
    ? scope(() => keep(made.task.init(key(1), { backend: device.backend })))
    : scope(() => keep(shareTree(made.params)));
  disposeTree(made.params);
  const average = shareTree(params);
  const leaves = treeEntries({ params, average });
  const [first] = treeLeaves(params);
  return {
    task: made.task,
    params,
    strategy: truncatedBptt({ updateEvery: 4, backwardSteps: 6 }),
    optimiser: adam({ learningRate: reduceOnPlateau(0.02, { patience: 0 }) }),
    accumulate: 2,
    gradientNoise: 0.01,
    weightNoise: 0.02,
    average: { params: average, decay: 0.9 },
    evaluate: { data: streams(2, 19, text.slice(0, 40)), every: 2, params: average },
    earlyStopping: { patience: 3 },
    clip: { value: 0.1 },
    left: () => {
      disposeTree([params, average]);
      return first?.backend.memory().buffers ?? NaN;
    },
    read: () => leaves.map(([path, leaf]) => [path, late ? device.peek(leaf) : [...leaf.readSync()]]),
  };
};

const facts = ({ peakBytes: _peakBytes, saved: _saved, ...step }: TrainingStep): unknown => step;

/** Data that is told when each of its stretches is asked for. */
function watched(asked: (count: number) => void): DataSource<SequenceStretch> {
  const source = streams(3, 7, text.slice(0, 121));
  let count = 0;
  return {
    ...source,
    async *open(...args) {
      for await (const each of source.open(...args)) {
        try {
          asked(++count);
        } catch (error) {
          disposeTree(each.stretch);
          throw error;
        }
        yield each;
      }
    },
  };
}

async function run(
  late: boolean,
  changes: Partial<CharTraining>,
  each: (step: TrainingStep) => boolean = () => false,
): Promise<{ steps: unknown[]; end: unknown }> {
  const { left, read, ...made } = all(late);
  const options = { ...settings(made), data: watched(() => undefined), epochs: 2, ...changes };
  const steps: unknown[] = [];
  try {
    for await (const step of fit(options)) {
      steps.push(facts(step));
      if (each(step)) break;
    }
    return { steps, end: read() };
  } finally {
    expect(left()).toBe(0);
  }
}

test('everything at once: the same on a backend that answers later', async () => {
  const [usual, late] = [await run(false, {}), await run(true, {})];
  expect(usual.steps.length).toBeGreaterThan(6);
  expect(late).toEqual(usual);
});

test.each([false, true])(
  'breaking off at any update goes on from there to the bit, and leaves nothing: late %s',
  async (late) => {
    const whole = await run(false, {});
    for (let at = 1; at < whole.steps.length; at += 2) {
      const store = memoryCheckpointStore();
      const first = await run(late, { checkpoint: { store } }, ({ update }) => update === at);
      const second = await run(false, { resume: await store.load() });
      expect([...first.steps, ...second.steps], `at ${at}`).toEqual(whole.steps);
      expect(second.end).toEqual(whole.end);
    }
  },
);

test.each([false, true])('an abort at any stretch does too: late %s', async (late) => {
  const whole = await run(false, {});
  for (let at = 1; at < 12; at += 3) {
    const store = memoryCheckpointStore();
    const stop = new AbortController();
    const data = watched((count) => {
      if (count === at) stop.abort();
    });
    const first = await run(late, { data, checkpoint: { store }, signal: stop.signal });
    const second = await run(false, { resume: await store.load() });
    expect([...first.steps, ...second.steps], `at ${at}`).toEqual(whole.steps);
    expect(second.end).toEqual(whole.end);
  }
});

test.each([false, true])('an error of the data at any stretch does too: late %s', async (late) => {
  const whole = await run(false, {});
  for (let at = 1; at < 12; at += 5) {
    const store = memoryCheckpointStore();
    const taken: unknown[] = [];
    const data = watched((count) => {
      if (count === at) throw new Error('The disk is gone.');
    });
    const note = (step: TrainingStep): boolean => (taken.push(facts(step)), false);
    await expect(run(late, { data, checkpoint: { store } }, note)).rejects.toThrow('The disk is gone.');
    const second = await run(false, { resume: await store.load() });
    expect([...taken, ...second.steps], `at ${at}`).toEqual(whole.steps);
    expect(second.end).toEqual(whole.end);
  }
});
