import { disposeTree, fullBptt, key, truncatedBptt, type Strategy } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  accuracy,
  adam,
  evaluate,
  fit,
  memoryCheckpointStore,
  sequenceModel,
  sequences,
  splitSequences,
  windows,
  type Checkpoint,
  type SequencesOptions,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

/** Sequences of 3 to 9 items whose label is their first item: it must be remembered until the end. */
const list = Array.from({ length: 40 }, (_, at) => {
  const inputs = Array.from({ length: 3 + ((at * 5) % 7) }, (__, step) =>
    step === 0 ? at % 2 : 2 + ((at * step) % 3),
  );
  return { inputs, targets: at % 2 };
});

const model = sequenceModel({ input: { vocabulary: 5, embedding: 4 }, cell: 'gru', hidden: 8, outputs: 2 });

/** Trains from the same start; losses and how many of the held out are right. */
async function train(
  options: Partial<SequencesOptions>,
  strategy: Strategy,
  epochs = 12,
): Promise<{ losses: number[]; right: number }> {
  const { training, test: held } = splitSequences(list, { test: 0.2, stratify: true });
  const params = model.init(key(1));
  const data = sequences(training, { batch: 8, shuffle: key(2), bucket: true, classes: 2, ...options });
  const losses: number[] = [];
  const settings = { task: model, params, data, strategy, optimiser: adam({ learningRate: 0.03 }), epochs };
  for await (const { loss } of fit(settings)) losses.push(loss);
  const metrics = { right: accuracy() };
  const figures = await evaluate({ task: model, params, data: sequences(held, { batch: 5 }), metrics });
  disposeTree(params);
  return { losses, right: figures.metrics.right };
}

describe('a model of sequences', () => {
  test('learns a label at their end, whole or cut, padded on either side', async () => {
    const ways: [Partial<SequencesOptions>, Strategy][] = [
      [{}, fullBptt()],
      [{ padding: 'left' }, fullBptt()],
      [{ steps: 3 }, truncatedBptt({ updateEvery: 3, backwardSteps: 9 })],
    ];
    for (const [options, strategy] of ways) {
      const { right } = await train(options, strategy);
      expect(right).toBe(1);
    }
  });

  test('takes the same updates however a source cuts its batches into stretches', async () => {
    const strategy = (): Strategy => truncatedBptt({ updateEvery: 4, backwardSteps: 8 });
    const whole = await train({}, strategy(), 2);
    expect(await train({ steps: 4 }, strategy(), 2)).toEqual(whole);
    expect(await train({ steps: 1 }, strategy(), 2)).toEqual(whole);
  });

  test('goes on from any checkpoint with the losses it would have had, bit for bit', async () => {
    const source = sequences(() => list, { batch: 8, shuffle: key(2), bucket: true, buffer: 24, steps: 3 });
    const run = async (changes: object): Promise<number[]> => {
      const params = model.init(key(1));
      const losses: number[] = [];
      const settings = { task: model, params, data: source, strategy: truncatedBptt({ updateEvery: 2 }), epochs: 2 };
      for await (const { loss } of fit({ ...settings, optimiser: adam({ learningRate: 0.02 }), ...changes }))
        losses.push(loss);
      disposeTree(params);
      return losses;
    };
    const all = await run({});
    for (const updates of [1, 7, 20, all.length - 1]) {
      const store = memoryCheckpointStore();
      await run({ updates, checkpoint: { store } });
      expect(await run({ resume: (await store.load()) as Checkpoint }), `from update ${updates}`).toEqual(
        all.slice(updates),
      );
    }
  });

  test('reads several inputs by name', async () => {
    const items = list.map(({ inputs, targets }) => ({
      inputs: { item: inputs, step: inputs.map((item, at) => [at / 10, item / 5]) },
      targets,
    }));
    const both = sequenceModel({
      input: { item: { vocabulary: 5, embedding: 3 }, step: { features: 2 } },
      hidden: 6,
      outputs: 2,
      loss: 'crossEntropy',
      pooling: 'mean',
    });
    const params = both.init(key(1));
    const data = sequences(items, { batch: 8, steps: 4 });
    const settings = { task: both, params, data, strategy: truncatedBptt({ updateEvery: 4 }), epochs: 2 };
    const losses: number[] = [];
    for await (const { loss } of fit({ ...settings, optimiser: adam({ learningRate: 0.03 }) })) losses.push(loss);
    expect(losses.at(-1)).toBeLessThan(losses[0] as number);
    disposeTree(params);
  });

  test('of windows of many steps ahead learns at each window’s end alone, or at every step', async () => {
    const series = Array.from({ length: 60 }, (_, t) => Math.sin(t / 2));
    for (const targetsAt of ['steps', 'end'] as const) {
      const task = sequenceModel({ input: { features: 1 }, cell: 'gru', hidden: 6, outputs: 3 });
      const params = task.init(key(1));
      const data = windows(series, { length: 8, horizon: [1, 3], stride: 2, batch: 6, shuffle: key(1), targetsAt });
      const settings = {
        task,
        params,
        data,
        strategy: fullBptt(),
        optimiser: adam({ learningRate: 0.06 }),
        epochs: 12,
      };
      const before = (await evaluate({ task, params, data })).loss;
      for await (const { loss } of fit(settings)) expect(loss).toBeGreaterThan(0);
      expect((await evaluate({ task, params, data })).loss).toBeLessThan(0.25 * before);
      disposeTree(params);
    }
  });
});
