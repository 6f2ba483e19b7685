import { disposeTree, fullBptt, key, keep, scope, treeEntries, truncatedBptt } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  fit,
  memoryCheckpointStore,
  sequenceModel,
  sgd,
  type FitOptions,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
  type TrainingStep,
} from '../../src/index.js';
import type { Tensor } from '@tempograd/core';
import { expectClose, withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { cutInto, type Sequence } from './sequences.js';
import { all, valuesOf } from './training.js';

withFreshBackend();

type Options = FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor>;

const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 2 });
const time = 7;

/** Rows of different lengths: step t of row r is there if t is before its end. */
const lengths = [7, 3, 5, 1, 6, 2];

/** Some of the rows, side by side. */
function batchOf(picked: readonly number[]): Sequence {
  const each = (width: number, value: (step: number, row: number, at: number) => number): number[] =>
    Array.from({ length: time * picked.length * width }, (_, index) => {
      const at = Math.floor(index / width);
      return value(Math.floor(at / picked.length), picked[at % picked.length] as number, index % width);
    });
  return {
    shape: [time, picked.length],
    inputs: each(2, (step, row, at) => Math.sin(step * 1.3 + row * 2.1 + at)),
    targets: each(2, (step, row, at) => Math.cos(step * 0.7 + row + at)),
    mask: each(1, (step, row) => Number(step < (lengths[row] as number))),
  };
}

const whole = [batchOf([0, 1, 2, 3, 4, 5])];
const parts = [batchOf([0, 1]), batchOf([2, 3]), batchOf([4, 5])];

async function train(
  changes: Partial<Options> & Pick<Options, 'data'>,
  backend?: ReturnType<typeof lateBackend>,
): Promise<{ steps: TrainingStep[]; params: Record<string, number[]> }> {
  const on = backend === undefined ? {} : { backend: backend.backend };
  const params = scope(() => keep(model.init(key(1), { dtype: 'f64', ...on })));
  try {
    const steps = await all(
      fit({ task: model, params, strategy: fullBptt(), optimiser: adam({ learningRate: 0.05 }), ...changes }),
    );
    const values = backend
      ? Object.fromEntries(treeEntries(params).map(([path, leaf]) => [path, backend.peek(leaf)]))
      : valuesOf(params);
    return { steps, params: values };
  } finally {
    disposeTree(params);
  }
}

function expectAlike(actual: Record<string, number[]>, expected: Record<string, number[]>, tolerance: number): void {
  for (const [path, values] of Object.entries(expected)) expectClose(actual[path] ?? [], values, tolerance, path);
}

const facts = ({ peakBytes: _peakBytes, ...step }: TrainingStep): unknown => step;

describe('gradients of several updates added up', () => {
  test.each([
    ['sources that tell their losses', true],
    ['sources that tell nothing', false],
  ])('equal those of one batch to rounding, masked as it may be: %s', async (_name, tells) => {
    const settings = { epochs: 4, clip: { norm: 0.5 } };
    const big = await train({ ...settings, data: cutInto(whole, { sizes: [time], tells }) });
    for (const sizes of [[time], [2, 3]]) {
      const small = await train({ ...settings, accumulate: 3, data: cutInto(parts, { sizes, tells }) });
      expectAlike(small.params, big.params, 1e-12);
      expect(small.steps).toHaveLength(4);
      expectClose(
        small.steps.flatMap(({ loss, gradientNorm, items, normaliser }) => [loss, gradientNorm, items, normaliser]),
        big.steps.flatMap(({ loss, gradientNorm, items, normaliser }) => [loss, gradientNorm, items, normaliser]),
        1e-12,
      );
    }
  });

  test('of one sequence equal those of longer updates, at parameters that stand still in between', async () => {
    for (const tells of [true, false]) {
      const data = cutInto(whole, { sizes: [5], tells });
      const longer = await train({ data, strategy: truncatedBptt({ updateEvery: 4, backwardSteps: 100 }) });
      const summed = await train({
        data,
        strategy: truncatedBptt({ updateEvery: 2, backwardSteps: 100 }),
        accumulate: 2,
      });
      // A sequence of 7 has 4 updates of 2, of which the last is short: what it was short of is no loss of its step.
      expectAlike(summed.params, longer.params, 1e-12);
      expect(summed.steps.map(({ items }) => items)).toEqual(longer.steps.map(({ items }) => items));
    }
  });

  test('what is left at the end is trained on too', async () => {
    const data = cutInto(parts, { sizes: [time], tells: true });
    const { steps } = await train({ data, accumulate: 2 });
    expect(steps.map(({ items, epoch }) => [items, epoch])).toEqual([
      [32, 0],
      [16, 0],
    ]);
    // A normaliser that is given divides each step.
    const given = await train({ data, accumulate: 2, normaliser: 10 });
    expect(given.steps.map(({ normaliser }) => normaliser)).toEqual([10, 10]);
  });

  test('an update that has no loss adds none; a step of such alone is skipped', async () => {
    const none: Sequence = { ...batchOf([0, 1]), mask: Array<number>(2 * time).fill(0) };
    const data = cutInto([none, none, ...parts], { sizes: [time], tells: true });
    const { steps } = await train({ data, accumulate: 2, epochs: 3 });
    expect(steps.map(({ skipped }) => skipped).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    expect(steps.reduce((sum, { items }) => sum + items, 0)).toBe(3 * 48);
    await expect(
      train({ data: cutInto([none], { sizes: [3], tells: false }), accumulate: 4, updates: 2 }),
    ).rejects.toThrow(/no loss counts in epoch 0/);
  });

  test('go on from any checkpoint to the bit, also on a backend that answers later', async () => {
    const settings = {
      data: cutInto(parts, { sizes: [3], tells: true }),
      strategy: truncatedBptt({ updateEvery: 2, backwardSteps: 3 }),
      accumulate: 5,
      epochs: 3,
    };
    const usual = await train(settings);
    const device = lateBackend();
    const late = await train(settings, device);
    expect(late.steps.map(facts)).toEqual(usual.steps.map(facts));
    expect(late.params).toEqual(usual.params);
    expect(device.backend.memory().buffers).toBe(0);
    for (let at = 1; at < usual.steps.length; at++) {
      const store = memoryCheckpointStore();
      const first = await train({ ...settings, updates: at, checkpoint: { store } });
      const second = await train({ ...settings, resume: await store.load() });
      expect([...first.steps, ...second.steps].map(facts), `at ${at}`).toEqual(usual.steps.map(facts));
      expect(second.params).toEqual(usual.params);
    }
  });

  test('an abort between them loses nothing: they are taken again', async () => {
    const settings = { data: cutInto(parts, { sizes: [3], tells: true }), accumulate: 2, epochs: 3 };
    const usual = await train(settings);
    for (let at = 1; at < 9; at++) {
      const store = memoryCheckpointStore();
      const stop = new AbortController();
      let opened = 0;
      const data: typeof settings.data = {
        ...settings.data,
        async *open(...args) {
          for await (const each of settings.data.open(...args)) {
            if (++opened === at) stop.abort();
            yield each;
          }
        },
      };
      const first = await train({ ...settings, data, checkpoint: { store }, signal: stop.signal });
      const resume = await store.load();
      const second = await train({ ...settings, resume });
      expect([...first.steps, ...second.steps].map(facts), `at ${at}`).toEqual(usual.steps.map(facts));
      expect(second.params).toEqual(usual.params);
    }
  });

  test('of a number that makes no sense are refused', async () => {
    const data = cutInto(parts, { sizes: [time], tells: true });
    for (const accumulate of [0, -1, 1.5, NaN, Infinity])
      await expect(train({ data, accumulate })).rejects.toThrow(/accumulate must be a whole number ≥ 1/);
  });
});

test('a sum that is not finite changes nothing and is told of', async () => {
  const bad: Sequence = { ...batchOf([0, 1]), inputs: Array<number>(4 * time).fill(NaN) };
  const training = train({
    data: cutInto([parts[0] as Sequence, bad, ...parts], { sizes: [time], tells: true }),
    accumulate: 2,
    optimiser: sgd({ learningRate: 0.1 }),
  });
  await expect(training).rejects.toThrow(/Training diverged at update 1/);
});
