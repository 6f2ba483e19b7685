import { disposeTree, fullBptt, key, keep, mul, scope, treeEntries, truncatedBptt } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  DivergenceError,
  fit,
  memoryCheckpointStore,
  windows,
  sequenceModel,
  type Checkpoint,
  type TrainingStep,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { lateBackend, type LateBackend, type LateEvent } from './lateBackend.js';
import { all, settings, streams, strategies, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

/** The same training on a backend that answers later. */
function late(options: CharTraining, device: LateBackend): CharTraining {
  return { ...options, params: scope(() => keep(options.task.init(key(1), { backend: device.backend }))) };
}

/** As `late`, where nothing is to be compared. */
function onLate(changes: Parameters<typeof settings>[0], device: LateBackend): CharTraining {
  const usual = settings(changes);
  disposeTree(usual.params);
  return late(usual, device);
}

const peekAll = (device: LateBackend, tree: unknown): Record<string, number[]> =>
  Object.fromEntries(treeEntries(tree).map(([path, leaf]) => [path, device.peek(leaf)]));

const facts = (steps: readonly TrainingStep[]): unknown[] => steps.map(({ peakBytes: _peakBytes, ...step }) => step);

const stored = ({ tensors, metadata }: Checkpoint): unknown => [
  Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [name, shape, [...data]]).map(([name, ...rest]) => [name, rest]),
  ),
  metadata,
];

describe('a backend that answers later', () => {
  test.each(Object.keys(strategies))(
    'gives the same steps, parameters and checkpoints to the bit: %s',
    async (name) => {
      const device = lateBackend();
      const stores = [memoryCheckpointStore(), memoryCheckpointStore()] as const;
      const usual = settings({
        strategy: strategies[name]!,
        model: { dropout: 0.2, layers: 2 },
        data: streams(8, 10),
        epochs: 2,
        evaluate: { data: streams(8, 40), every: 4 },
      });
      const other = late(usual, device);
      const checkpoints: unknown[][] = [[], []];
      const run = async (options: CharTraining, which: 0 | 1): Promise<TrainingStep[]> => {
        const store = stores[which];
        const noting = {
          ...store,
          save: async (c: Checkpoint) => (checkpoints[which]!.push(stored(c)), store.save(c)),
        };
        return all(fit({ ...options, checkpoint: { store: noting, every: 3 } }));
      };
      const [atOnce, later] = [await run(usual, 0), await run(other, 1)];
      expect(facts(later)).toEqual(facts(atOnce));
      expect(peekAll(device, other.params)).toEqual(valuesOf(usual.params));
      expect(checkpoints[1]).toEqual(checkpoints[0]);
      expect(checkpoints[1]!.length).toBeGreaterThan(0);
      disposeTree([usual.params, other.params]);
      expect(device.backend.memory().buffers).toBe(0);
    },
  );

  test('always has work: an update is enqueued whole, and the next gradient before its answer', async () => {
    const device = lateBackend();
    const options = onLate({ updates: 5 }, device);
    await all(fit(options));
    // How many losses there are is asked together with their sum, once an update.
    const update: LateEvent[] = ['forward', 'backward', 'optimiser', 'asked', 'flush'];
    const ahead: LateEvent[] = ['forward', 'backward', 'flush', 'answered', 'optimiser', 'asked', 'flush'];
    expect(device.events).toEqual([...update, ...ahead, ...ahead, ...ahead, ...ahead, 'answered']);
    disposeTree(options.params);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test('the parameters seen at an update are those of that update', async () => {
    const device = lateBackend();
    const usual = settings({ updates: 6 });
    const other = late(usual, device);
    const seen: unknown[] = [];
    for await (const _ of fit(usual)) seen.push(valuesOf(usual.params));
    let index = 0;
    for await (const _ of fit(other)) expect(peekAll(device, other.params)).toEqual(seen[index++]);
    expect(index).toBe(6);
    disposeTree([usual.params, other.params]);
  });

  test('a divergence names the same update in the same words, with the parameters as they were before it', async () => {
    const device = lateBackend();
    const usual = settings({ updates: 12 });
    const other = late(usual, device);
    const errors: DivergenceError[] = [];
    const befores: unknown[] = [];
    for (const [options, values] of [
      [usual, valuesOf],
      [other, (tree: unknown) => peekAll(device, tree)],
    ] as const) {
      let before: unknown = null;
      // The 7th update's loss is spoilt.
      const { loss } = options.task;
      const task: typeof options.task = {
        ...options.task,
        loss: (params, output, stretch, context) =>
          scope(() => mul(loss(params, output, stretch, context), context.from === 60 ? NaN : 1)),
      };
      const training = (async () => {
        for await (const _ of fit({ ...options, task })) before = values(options.params);
      })();
      const error = await training.then(
        () => expect.fail('it did not diverge'),
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(DivergenceError);
      errors.push(error as DivergenceError);
      befores.push(before);
      expect(values(options.params)).toEqual(before);
    }
    expect(errors[0]!.update).toBe(7);
    expect(errors[1]!.message).toBe(errors[0]!.message);
    expect(befores[1]).toEqual(befores[0]);
    disposeTree([usual.params, other.params]);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test('an abort takes no further update, and what is saved is where it stopped', async () => {
    const device = lateBackend();
    const results: unknown[] = [];
    const usual = settings();
    const other = late(usual, device);
    for (const options of [usual, other]) {
      const store = memoryCheckpointStore();
      const stop = new AbortController();
      const steps: TrainingStep[] = [];
      for await (const step of fit({ ...options, checkpoint: { store }, signal: stop.signal })) {
        steps.push(step);
        if (step.update === 4) stop.abort();
      }
      results.push([facts(steps), stored((await store.load()) as Checkpoint)]);
      expect(steps).toHaveLength(4);
      const resumed = settings({ params: options.params, resume: await store.load(), updates: 6 });
      results.push(facts(await all(fit(resumed))));
    }
    expect(results.slice(2)).toEqual(results.slice(0, 2));
    disposeTree([usual.params, other.params]);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test('breaking off frees what was on its way', async () => {
    const device = lateBackend();
    const options = onLate({ strategy: truncatedBptt({ updateEvery: 5, backwardSteps: 10 }) }, device);
    for await (const { update } of fit(options)) if (update === 3) break;
    disposeTree(options.params);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(device.backend.memory().buffers).toBe(0);
  });

  test("a device's error comes with the next answer, and leaves the last checkpoint whole", async () => {
    const device = lateBackend();
    const store = memoryCheckpointStore();
    const options = onLate({ checkpoint: { store, every: 2 } }, device);
    const steps: number[] = [];
    const training = (async () => {
      for await (const { update } of fit(options)) {
        steps.push(update);
        if (update === 5) device.fail();
      }
    })();
    await expect(training).rejects.toThrow(/the device was lost/);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
    disposeTree(options.params);
    // What was asked at the same time is answered, too.
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(device.backend.memory().buffers).toBe(0);
    // It goes on elsewhere from that file.
    const again = settings({ resume: await store.load(), updates: 6 });
    const usual = settings({ updates: 6 });
    expect(facts(await all(fit(again)))).toEqual(facts(await all(fit(usual))).slice(4));
    disposeTree([again.params, usual.params]);
  });

  test('a source that waits does not hold back what is known', async () => {
    const device = lateBackend();
    const source = streams();
    let release = (): void => undefined;
    const waiting: typeof source = {
      ...source,
      open: async function* (...args: Parameters<typeof source.open>) {
        let count = 0;
        for await (const each of source.open(...args)) {
          if (++count === 3) await new Promise<void>((resolve) => (release = resolve));
          yield each;
        }
      },
    };
    const options = onLate({ data: waiting, updates: 3 }, device);
    const steps: number[] = [];
    for await (const { update } of fit(options)) {
      steps.push(update);
      if (update === 2) release();
    }
    expect(steps).toEqual([1, 2, 3]);
    for await (const { update } of fit({ ...options, updates: 9 })) if (update === 2) break;
    release();
    await new Promise((resolve) => setTimeout(resolve, 5));
    disposeTree(options.params);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test('masked sequences, each of one update, weigh the same', async () => {
    const device = lateBackend();
    const model = sequenceModel({ input: { features: 1 }, hidden: 5, outputs: 1 });
    const series = Float64Array.from({ length: 53 }, (_, index) => Math.sin(index / 3));
    const runs = await Promise.all(
      [undefined, device.backend].map(async (backend) => {
        const params = scope(() => keep(model.init(key(3), backend === undefined ? {} : { backend })));
        const data = windows(series, { length: 10, batch: 4 });
        const optimiser = adam({ learningRate: 0.01 });
        const steps = await all(fit({ task: model, params, data, strategy: fullBptt(), optimiser }));
        disposeTree(params);
        return facts(steps);
      }),
    );
    expect(runs[1]).toEqual(runs[0]);
    expect(device.backend.memory().buffers).toBe(0);
  });
});
