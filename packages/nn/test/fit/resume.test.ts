import {
  add,
  disposeTree,
  fullBptt,
  keep,
  key,
  matmul,
  mul,
  scope,
  tanh,
  truncatedBptt,
  zeros,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  CheckpointError,
  checkpointInfo,
  DataError,
  fit,
  loadInto,
  memoryCheckpointStore,
  readSafetensors,
  rmsprop,
  writeSafetensors,
  type CharModelConfig,
  type Checkpoint,
  type OwnCell,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import {
  all,
  failing,
  once,
  settings,
  strategies,
  streams,
  text,
  train,
  valuesOf,
  variedStrategies,
  type CharTraining,
} from './training.js';

withFreshBackend();

const model = { dropout: 0.3, layers: 2 };
const losses = (steps: readonly { loss: number }[]): number[] => steps.map(({ loss }) => loss);

type Changes = Partial<CharTraining> & { readonly model?: Partial<CharModelConfig> };

/** Trains `updates` updates, and gives the checkpoint at their end, having passed through the bytes of a file. */
async function trainUntil(updates: number, changes: Changes): Promise<Checkpoint> {
  const store = memoryCheckpointStore();
  await train({ model, ...changes, updates, checkpoint: { store } });
  const { tensors, metadata } = (await store.load()) as Checkpoint;
  return readSafetensors(writeSafetensors(tensors, metadata));
}

/** Trains on from a checkpoint: losses, and the values of the parameters at the end. */
async function trainOn(changes: Changes): Promise<{ losses: number[]; params: Record<string, number[]> }> {
  const options = settings({ model, ...changes });
  const steps = await all(fit(options));
  const params = valuesOf(options.params);
  disposeTree(options.params);
  return { losses: losses(steps), params };
}

describe('a run resumed from a checkpoint goes on as if it had never stopped, bit for bit', () => {
  const few = 'overlapping, few states kept';
  for (const [name, strategy] of Object.entries({ ...strategies, [few]: variedStrategies[few] as Strategy })) {
    test(`${name}: with dropout, across the end of an epoch`, async () => {
      // A stretch is no multiple of the interval, so that steps wait for their update when the checkpoint is taken.
      const changes = { strategy, data: streams(12, 9), epochs: 2 };
      const whole = await trainOn(changes);
      expect(new Set(whole.losses).size).toBeGreaterThan(10);
      for (const at of [3, Math.ceil(whole.losses.length / 2), whole.losses.length - 1]) {
        const resumed = await trainOn({ ...changes, key: key(99), resume: await trainUntil(at, changes) });
        expect(resumed.losses, `from update ${at}`).toEqual(whole.losses.slice(at));
        expect(resumed.params, `from update ${at}`).toEqual(whole.params);
      }
    });
  }

  test('what was pooled so far, and the carry of a cell of one’s own', async () => {
    const fading: OwnCell = {
      name: 'fading',
      shapes: ({ inputSize, hiddenSize }) => ({ w: [inputSize, hiddenSize] }),
      cell: {
        initialCarry: (batch, options) => ({ slow: zeros([batch, 6], options), fast: [zeros([batch, 6], options)] }),
        step(params, carry, x) {
          const { slow, fast } = carry as { slow: Tensor; fast: [Tensor] };
          const next = tanh(add(matmul(x, (params as { w: Tensor }).w), mul(fast[0], 0.5)));
          const after = { slow: add(mul(slow, 0.9), mul(next, 0.1)), fast: [next] };
          return { carry: after, output: add(after.slow, next) };
        },
      },
    };
    for (const own of [{ pooling: 'max' }, { pooling: 'attention', cell: fading, layers: 2 }] as const) {
      const strategy = truncatedBptt({ updateEvery: 4, backwardSteps: 9 });
      const changes = { model: { ...model, ...own }, strategy, data: streams(16, 9), epochs: 1 };
      const whole = await trainOn(changes);
      const resumed = await trainOn({ ...changes, resume: await trainUntil(5, changes) });
      expect(resumed.losses).toEqual(whole.losses.slice(5));
      expect(resumed.params).toEqual(whole.params);
    }
  });

  test('full sequences, another optimiser, clipping by value', async () => {
    const changes = {
      strategy: fullBptt(),
      data: streams(40, 5),
      optimiser: rmsprop({ learningRate: 0.01, momentum: 0.5 }),
      clip: { value: 0.05 },
      epochs: 6,
    };
    const whole = await trainOn(changes);
    expect(whole.losses).toHaveLength(6);
    const resumed = await trainOn({ ...changes, resume: await trainUntil(2, changes) });
    expect(resumed.losses).toEqual(whole.losses.slice(2));
    expect(resumed.params).toEqual(whole.params);
  });
});

describe('a checkpoint', () => {
  test('says what it is, and holds the parameters by name', async () => {
    const store = memoryCheckpointStore();
    await train({ updates: 3, checkpoint: { store, metadata: { config: '{"hidden":6}' } } });
    const checkpoint = (await store.load()) as Checkpoint;
    expect(checkpointInfo(checkpoint)).toEqual({
      update: 3,
      position: { epoch: 0, index: 3, offset: 0 },
      metadata: { config: '{"hidden":6}' },
    });
    expect([...checkpoint.tensors.keys()]).toContain('params.rnn.weight_hh_l0');
    const { params } = settings();
    const before = valuesOf(params);
    expect(loadInto(params, checkpoint, { prefix: 'params.' })).toBe(params);
    expect(valuesOf(params)).not.toEqual(before);
    disposeTree(params);
  });

  test('is saved every so often and at the end, once', async () => {
    const saved: number[] = [];
    const store = memoryCheckpointStore();
    const counting = {
      ...store,
      save: (checkpoint: Checkpoint) => {
        saved.push(checkpointInfo(checkpoint).update);
        return store.save(checkpoint);
      },
    };
    const steps = await train({ updates: 7, checkpoint: { store: counting, every: 3 } });
    expect(saved).toEqual([3, 6, 7]);
    expect(steps.filter((step) => step.saved).map((step) => step.update)).toEqual([3, 6]);
  });

  test('is saved also when so much time has passed', async () => {
    for (const [everySeconds, saved] of [
      [1e-9, 5],
      [1e9, 0],
    ] as const) {
      const store = memoryCheckpointStore();
      const steps = await train({ updates: 5, checkpoint: { store, everySeconds } });
      // The last one is saved after it was handed out, where it is not due.
      expect(steps.filter((step) => step.saved)).toHaveLength(saved);
      expect(checkpointInfo((await store.load()) as Checkpoint).update).toBe(5);
    }
    const options = settings({ checkpoint: { store: memoryCheckpointStore(), everySeconds: 0 } });
    expect(() => fit(options)).toThrow('checkpoint.everySeconds must be a number above 0, but is 0.');
    disposeTree(options.params);
  });

  test('of another run is refused, and nothing is changed', async () => {
    const resume = await trainUntil(2, {});
    const options = settings({ model, resume });
    const before = valuesOf(options.params);
    expect(() => fit({ ...options, strategy: strategies['short windows'] as CharTraining['strategy'] })).toThrow(
      /updateEvery was 10 and is now 7; backwardSteps was 10 and is now 3/,
    );
    expect(() => fit({ ...options, optimiser: rmsprop({ learningRate: 0.1 }) })).toThrow(/optimiser was adam/);
    const other = settings({ resume });
    await expect(fit(other).next()).rejects.toThrow(
      /in the file but not among the parameters: params\.rnn\.weight_ih_l1/,
    );
    const model1 = { tensors: new Map(), metadata: {} };
    expect(() => fit({ ...options, resume: model1 })).toThrow(CheckpointError);
    expect(valuesOf(options.params)).toEqual(before);
    disposeTree([options.params, other.params]);
  });

  test('of a run on other data of the same size is refused, unless the data says nothing of itself', async () => {
    const resume = await trainUntil(2, {});
    const other = streams(3, 10, text.replaceAll('e', '#').replaceAll('a', 'e').replaceAll('#', 'a'));
    const options = settings({ model, resume, data: other });
    expect(other.stretches).toBe(streams().stretches);
    expect(() => fit(options)).toThrow(/of a run on other data.*data: \{ \.\.\.data, fingerprint: null \}/);
    expect(() => fit({ ...options, data: streams(3, 9) })).toThrow(CheckpointError);
    expect(() => fit({ ...options, data: { ...other, fingerprint: 7 as never } })).toThrow(
      /must be a text, .* but is 7/,
    );
    disposeTree(options.params);
    const taken = await train({ model, resume, data: { ...other, fingerprint: null }, updates: 4 });
    expect(taken.map(({ update }) => update)).toEqual([3, 4]);
    // One that was taken before there were fingerprints.
    const { 'tempograd.training': state = '', ...metadata } = resume.metadata;
    const { data, ...rest } = JSON.parse(state) as { readonly data: unknown };
    expect(data).toBe(streams().fingerprint);
    const older = { ...resume, metadata: { ...metadata, 'tempograd.training': JSON.stringify(rest) } };
    expect(await train({ model, resume: older, data: other, updates: 3 })).toHaveLength(1);
  });

  test('of a finished run leaves nothing to do', async () => {
    const resume = await trainUntil(4, {});
    expect(await train({ model, resume, updates: 4, optimiser: adam({ learningRate: 1 }) })).toEqual([]);
  });
});

describe('data that fails', () => {
  test.each(Object.entries(strategies))('leaves a checkpoint of what was learnt: %s', async (_name, strategy) => {
    const whole = losses(await train({ model, strategy, updates: 9 }));
    const store = memoryCheckpointStore();
    const options = settings({ model, strategy, data: failing(streams(), 4), checkpoint: { store } });
    const taken: number[] = [];
    const training = (async () => {
      for await (const { loss } of fit(options)) taken.push(loss);
    })();
    await expect(training).rejects.toThrow('The disk is gone.');
    const resume = (await store.load()) as Checkpoint;
    expect(taken.length).toBeGreaterThan(0);
    expect(checkpointInfo(resume).update).toBe(taken.length);
    expect(paramsIn(resume)).toEqual(valuesOf(options.params));
    disposeTree(options.params);
    expect([...taken, ...losses(await train({ model, strategy, resume, updates: 9 }))].slice(0, 9)).toEqual(whole);
  });

  test('also on a backend that answers later', async () => {
    const device = lateBackend();
    const [usual, later] = [memoryCheckpointStore(), memoryCheckpointStore()];
    const data = failing(streams(), 4);
    await expect(train({ data, checkpoint: { store: usual } })).rejects.toThrow('The disk is gone.');
    const options = settings({ data, checkpoint: { store: later } });
    disposeTree(options.params);
    const params = scope(() => keep(options.task.init(key(1), { backend: device.backend })));
    await expect(all(fit({ ...options, params }))).rejects.toThrow('The disk is gone.');
    expect(await later.load()).toEqual(await usual.load());
    disposeTree(params);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test.each([
    ['to evaluate on', { evaluate: { data: failing(streams(), 1), every: 3 } }, 'The disk is gone.', 3],
    ['that is there once only', { data: once(streams(3, 10)), epochs: 2 }, /gave nothing in epoch 1/, 22],
  ])('data %s too', async (_name, changes, message, update) => {
    const store = memoryCheckpointStore();
    await expect(train({ ...changes, checkpoint: { store } })).rejects.toThrow(message);
    expect(checkpointInfo((await store.load()) as Checkpoint).update).toBe(update);
  });

  test('and a store that fails as well are both told of', async () => {
    const store = { ...memoryCheckpointStore(), save: () => Promise.reject(new Error('The store is full.')) };
    const training = train({ data: failing(streams(), 2), checkpoint: { store } });
    await expect(training).rejects.toThrow(DataError);
    await expect(training).rejects.toThrow(/The disk is gone\. The store is full\./);
  });

  test('before the first update leaves none', async () => {
    const store = memoryCheckpointStore();
    await expect(train({ data: failing(streams(), 0), checkpoint: { store } })).rejects.toThrow('The disk is gone.');
    expect(await store.load()).toBeNull();
  });
});

/** The parameters in a checkpoint. */
function paramsIn({ tensors }: Checkpoint): Record<string, number[]> {
  const params = [...tensors].filter(([name]) => name.startsWith('params.'));
  return Object.fromEntries(params.map(([name, { data }]) => [name.slice('params.'.length), [...data]]));
}
