import {
  adaptiveTruncation,
  artbp,
  disposeTree,
  fullBptt,
  randomTelescoping,
  truncatedBptt,
  type Strategy,
} from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { fit, memoryCheckpointStore, readSafetensors, writeSafetensors, type Checkpoint } from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';
import { all, settings, streams, text, train, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

const strategies: Record<string, Strategy> = {
  artbp: artbp({ updateEvery: 4, meanLength: 6, segment: 2 }),
  'artbp, alpha': artbp({ updateEvery: 4, meanLength: 6, alpha: 4 }),
  'randomTelescoping, roulette': randomTelescoping({ updateEvery: 4, meanLength: 9 }),
  'randomTelescoping, single sample': randomTelescoping({ updateEvery: 4, meanLength: 9, estimator: 'singleSample' }),
  adaptiveTruncation: adaptiveTruncation({ updateEvery: 4, maxLength: 8, losses: 1, measureEvery: 6, tolerance: 0.5 }),
  'truncatedBptt, weighted losses': truncatedBptt({ updateEvery: 4, lossScope: (step) => (step % 3 === 0 ? 3 : 0) }),
};

describe.each(Object.keys(strategies))('%s', (name) => {
  const changes = {
    strategy: strategies[name] as Strategy,
    data: streams(2, 5, text.slice(0, 84)),
  } satisfies Partial<CharTraining>;

  async function outcome(more: Partial<CharTraining>): Promise<[number[], Record<string, number[]>]> {
    const options = settings({ ...changes, ...more });
    const steps = await all(fit(options));
    const values = valuesOf(options.params);
    disposeTree(options.params);
    return [steps.map(({ loss }) => loss), values];
  }

  test('trains by fit, and goes on from a checkpoint bit for bit', async () => {
    const [losses, params] = await outcome({});
    expect(losses.length).toBeGreaterThanOrEqual(10);
    expect(losses.every((loss) => loss >= 0 && loss < 20)).toBe(true);
    for (const at of [5]) {
      const store = memoryCheckpointStore();
      await train({ ...changes, updates: at, checkpoint: { store } });
      const { tensors, metadata } = (await store.load()) as Checkpoint;
      const resume = readSafetensors(writeSafetensors(tensors, metadata));
      expect(await outcome({ resume }), `after ${at}`).toEqual([losses.slice(at), params]);
    }
  });
});

test('steps say what a strategy found that measures how far back to go, and nothing with others', async () => {
  const data = streams(2, 5, text.slice(0, 84));
  const adaptive = await train({ strategy: strategies['adaptiveTruncation'] as Strategy, data });
  for (const { truncation, lossSteps, parameterSteps } of adaptive) {
    expect(truncation?.length).toBe(lossSteps.to - parameterSteps.from);
    expect(truncation?.biasBound === 0).toBe(parameterSteps.from === 0);
  }
  expect(adaptive.some(({ truncation }) => Number(truncation?.biasBound) > 0)).toBe(true);
  const summed = await train({ strategy: strategies['adaptiveTruncation'] as Strategy, data, accumulate: 2 });
  expect(
    summed.every(
      ({ truncation, lossSteps, parameterSteps }) => truncation?.length === lossSteps.to - parameterSteps.from,
    ),
  ).toBe(true);
  const fixed = await train({ strategy: truncatedBptt({ updateEvery: 4 }), data });
  expect(fixed.map(({ truncation }) => truncation)).toEqual(fixed.map(() => null));
});

test('a checkpoint of one is not gone on with by another', async () => {
  const store = memoryCheckpointStore();
  const data = streams(2, 5, text.slice(0, 84));
  await train({ strategy: strategies['artbp'] as Strategy, data, updates: 2, checkpoint: { store } });
  const resume = (await store.load()) as Checkpoint;
  await expect(
    train({ strategy: strategies['randomTelescoping, roulette'] as Strategy, data, resume }),
  ).rejects.toThrow(/the strategy was artbp and is now randomTelescoping/);
});

test('with one update a sequence, and no cut, training is that of full BPTT', async () => {
  const of = async (strategy: Strategy): Promise<Record<string, number[]>> => {
    const options = settings({ strategy, data: streams(2, 6, text.slice(0, 40)) });
    await all(fit(options));
    const values = valuesOf(options.params);
    disposeTree(options.params);
    return values;
  };
  const [uncut, whole] = [await of(artbp({ updateEvery: Infinity, cutProbability: 0 })), await of(fullBptt())];
  // The readout is pulled back by itself, so that sums are rounded in another order.
  for (const name of Object.keys(whole)) expectClose(uncut[name] as number[], whole[name] as number[], 1e-5, name);
});
