import { assign, disposeTree, full, fullBptt, key, keep, mul, ones, scope } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  checkpointInfo,
  DivergenceError,
  fit,
  memoryCheckpointStore,
  sequenceModel,
  sgd,
  windows,
  type Checkpoint,
  type DataSource,
  type SequenceStretch,
  type TrainingStep,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { settings, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

/** A learning rate with which an update leaves no number finite in float32. */
const beyondFloats = 1e50;

/** Trains until it diverges. */
async function diverge(
  options: CharTraining,
  each: (step: TrainingStep) => void = () => undefined,
): Promise<DivergenceError> {
  try {
    for await (const step of fit(options)) each(step);
  } catch (error) {
    if (error instanceof DivergenceError) return error;
    throw error;
  }
  return expect.fail('training did not diverge');
}

describe('a loss or gradient that is not finite', () => {
  test('stops before the parameters are touched, with the last good checkpoint intact', async () => {
    const store = memoryCheckpointStore();
    const options = settings({ checkpoint: { store, every: 2 }, updates: 20 });
    let before = valuesOf(options.params);
    const error = await diverge(options, ({ update }) => {
      // The user breaks it: the head's weight overflows the logits.
      if (update === 5) scope(() => assign(options.params.head.bias, mul(options.params.head.bias, Infinity)));
      before = valuesOf(options.params);
    });
    expect(error).toMatchObject({ update: 6, tensor: 'params: head.bias', lastGood: { update: 5 } });
    expect(error.message).toMatch(/update 6 \(epoch 0, steps 50 to 60 of sequence 1\).*loss NaN.*params: head\.bias/);
    expect(valuesOf(options.params)).toEqual(before);
    const resumed = settings({ resume: await store.load(), updates: 6 });
    const steps: number[] = [];
    for await (const { update } of fit(resumed)) steps.push(update);
    expect(steps).toEqual([5, 6]);
    disposeTree([options.params, resumed.params]);
  });

  test('of a learning rate that is too high is found in the gradient or the loss, and remedies are named', async () => {
    const model = sequenceModel({ input: { features: 1 }, cell: 'rnnRelu', hidden: 4, outputs: 1 });
    const params = scope(() => keep(model.init(key(5))));
    const series = Array.from({ length: 60 }, (_, index) => Math.sin(index));
    const training = fit({
      task: model,
      params,
      data: windows(series, { length: 20, batch: 1 }),
      strategy: fullBptt(),
      optimiser: sgd({ learningRate: 1e6 }),
      epochs: 50,
    });
    const error = await (async () => {
      for await (const _ of training);
    })().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DivergenceError);
    expect((error as DivergenceError).tensor).toMatch(/^(the loss|gradient|carry)/);
    expect((error as DivergenceError).message).toMatch(
      /Lower the learning rate .* clip the gradient .* fewer backwardSteps/,
    );
    for (const values of Object.values(valuesOf(params))) expect(values.every(Number.isFinite)).toBe(true);
    disposeTree(params);
  });

  test('of parameters that the update before has spoilt says so, and speaks of no checkpoint', async () => {
    const options = settings({ optimiser: sgd({ learningRate: beyondFloats }), updates: 20 });
    const error = await diverge(options);
    expect(error).toMatchObject({ update: 2, tensor: expect.stringMatching(/^params: /), lastGood: { update: 1 } });
    expect(error.message).toMatch(/The parameters became so by update 1, .*Lower the learning rate/);
    expect(error.message).not.toMatch(/to begin with|as they were|checkpoint/);
    disposeTree(options.params);
  });

  test('of parameters that were so from the beginning says that', async () => {
    const options = settings({ updates: 20 });
    scope(() => assign(options.params.head.bias, mul(options.params.head.bias, Infinity)));
    const { message } = await diverge(options);
    expect(message).toMatch(/update 1 .*params: head\.bias.*not finite to begin with/);
    disposeTree(options.params);
  });

  test('comes before a checkpoint of spoilt parameters: the one before is kept', async () => {
    for (const [every, kept] of [
      [1, 3],
      [2, 2],
    ] as const) {
      const store = memoryCheckpointStore();
      const optimiser = sgd({ learningRate: (step) => (step < 3 ? 0.1 : beyondFloats) });
      const options = settings({ checkpoint: { store, every }, optimiser, updates: 4 });
      const error = await diverge(options);
      expect(error).toMatchObject({ update: 4, tensor: expect.stringMatching(/^params: /), lastGood: { update: 4 } });
      expect(error.message).toMatch(/not finite after update 4, whose loss was \d.*No checkpoint is taken of them/);
      const { tensors, metadata } = (await store.load()) as Checkpoint;
      expect(checkpointInfo({ tensors, metadata }).update).toBe(kept);
      for (const { data } of tensors.values()) expect([...data].every(Number.isFinite)).toBe(true);
      disposeTree(options.params);
    }
  });

  test('that comes from the data says so', async () => {
    const model = sequenceModel({ input: { features: 1 }, hidden: 3, outputs: 1 });
    const params = scope(() => keep(model.init(key(5))));
    const data: DataSource<SequenceStretch<{ features: number }>> = {
      stretches: 2,
      async *open() {
        for (const value of [1, NaN]) {
          const stretch = scope(() => keep({ inputs: full([10, 1, 1], value), targets: ones([10, 1, 1]) }));
          yield { stretch, ends: true };
        }
      },
    };
    const training = fit({
      task: model,
      params,
      data,
      strategy: fullBptt(),
      optimiser: sgd({ learningRate: 0.001 }),
    });
    expect((await training.next()).done).toBe(false);
    await expect(training.next()).rejects.toThrow(
      /update 2 .*first tensor that is not finite: data: inputs.*Look at the data/,
    );
    disposeTree(params);
  });
});
