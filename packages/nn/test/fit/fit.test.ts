import {
  add,
  disposeTree,
  fromArray,
  reshape,
  fullBptt,
  keep,
  key,
  linear,
  lstmCell,
  cellTask,
  scope,
  treeLeaves,
  truncatedBptt,
  type LstmCarry,
  type RecurrentParams,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  contiguousStreams,
  DataError,
  evaluate,
  fit,
  generate,
  meanSquaredError,
  memoryCheckpointStore,
  sequenceModel,
  sgd,
  stepSchedule,
  windows,
  type DataSource,
  type FitOptions,
  type TrainingStep,
  sequences,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { all, settings, strategies, streams, text, train, valuesOf, vocabulary } from './training.js';

withFreshBackend();

test('a training that is awaited, not iterated over, says so and has trained nothing', async () => {
  const options = settings();
  const before = valuesOf(options.params);
  await expect((async () => fit(options))()).rejects.toThrow(/iterated over, not awaited: for await/);
  // oxlint-disable-next-line typescript/await-thenable -- What a newcomer writes.
  await expect((async () => void (await fit(options)))()).rejects.toThrow(/Nothing has been trained/);
  expect(valuesOf(options.params)).toEqual(before);
  disposeTree(options.params);
});

test('clipping by a number, no parameters, and a list for data are told with what was meant', () => {
  const options = settings();
  const refused =
    (changes: object): (() => unknown) =>
    () =>
      fit({ ...options, ...changes });
  expect(refused({ clip: 1 })).toThrow(/clip must say what it bounds: \{ norm: 1 \}/);
  expect(refused({ params: undefined })).toThrow(/params is missing; it must be .* such as model\.init\(key\(1\)\)/);
  expect(refused({ data: [1, 2] })).toThrow(/such as sequences\(list, \{ batch \}\)/);
  disposeTree(options.params);
});

describe('fit', () => {
  test('learns a small text', async () => {
    const steps = await train({ epochs: 6 });
    expect(steps[0]?.loss).toBeCloseTo(Math.log(13), 0);
    expect(steps.at(-1)?.loss).toBeLessThan(0.8);
    expect(steps.map(({ update }) => update)).toEqual(steps.map((_, index) => index + 1));
  });

  test('tells of each update where it was, what it counted and the learning rate', async () => {
    const optimiser = sgd({ learningRate: stepSchedule(0.1, { every: 10, factor: 0.5 }) });
    const steps = await train({ epochs: 2, optimiser });
    const rowSteps = Math.floor((text.length - 1) / 3);
    const perEpoch = Math.ceil(rowSteps / 10);
    expect(steps).toHaveLength(2 * perEpoch);
    const last = steps.at(-1) as TrainingStep;
    expect(last).toMatchObject({
      epoch: 1,
      items: 3 * (rowSteps % 10),
      droppedLosses: 0,
      evaluation: null,
      saved: false,
    });
    expect(last.lossSteps).toEqual({ from: rowSteps - (rowSteps % 10), to: rowSteps });
    expect(last.parameterSteps).toEqual(last.lossSteps);
    expect(last).toMatchObject({ forwardSteps: rowSteps % 10, backwardSteps: rowSteps % 10, unbiased: false });
    expect(last.position).toEqual({ epoch: 1, index: perEpoch, offset: 0 });
    expect(steps[10]?.learningRate).toBeCloseTo(0.05);
    expect(steps.every(({ peakBytes }) => peakBytes > 1000)).toBe(true);
  });

  for (const [name, strategy] of Object.entries(strategies)) {
    test(`counts every loss once, however data and strategy are cut: ${name}`, async () => {
      const steps = await train({ strategy, data: streams(2, 13) });
      const [dropped, items] = [sum(steps, 'droppedLosses'), sum(steps, 'items')];
      expect(items + 2 * dropped).toBe(2 * Math.floor((text.length - 1) / 2));
    });
  }

  test('tells how far back a gradient looked and what it cost, alone and added up', async () => {
    const window = { updateEvery: 4, backwardSteps: 11, staleness: 'recompute' } as const;
    const [, second, third, fourth] = await train({ strategy: truncatedBptt(window) });
    expect(second).toMatchObject({ parameterSteps: { from: 0, to: 8 }, forwardSteps: 8, backwardSteps: 8 });
    expect(fourth).toMatchObject({ parameterSteps: { from: 5, to: 16 }, forwardSteps: 11, backwardSteps: 11 });
    const [, summed] = await train({ strategy: truncatedBptt(window), accumulate: 2 });
    expect(summed).toMatchObject({
      parameterSteps: fourth!.parameterSteps,
      forwardSteps: third!.forwardSteps + fourth!.forwardSteps,
      backwardSteps: third!.backwardSteps + fourth!.backwardSteps,
      unbiased: false,
    });
    const exact = await train({ strategy: fullBptt(), accumulate: 2, epochs: 4 });
    expect(exact.map(({ unbiased }) => unbiased)).toEqual([true, true]);
    const mixed = await train({ strategy: firstUnbiased(truncatedBptt(window)), accumulate: 2, updates: 2 });
    expect(mixed.map(({ unbiased }) => unbiased)).toEqual([false, false]);
  });

  test('the same stretches give the same losses, however the data is cut', async () => {
    const cut = async (steps: number): Promise<number[]> =>
      (await train({ data: streams(3, steps) })).map(({ loss }) => Math.round(loss * 1e4) / 1e4);
    const whole = await cut(10);
    expect(await cut(5)).toEqual(whole);
    expect(await cut(30)).toEqual(whole);
  });

  test('a short last update weighs by its steps: one normaliser for the sequence', async () => {
    // With plain descent and a learning rate so small that nothing else moves, the updates add up to one of the whole sequence.
    const change = async (strategy: FitOptions<unknown, unknown, unknown, unknown>['strategy'], rate: number) => {
      const options = settings({ strategy, optimiser: sgd({ learningRate: rate }), clip: null, data: streams(3, 50) });
      const before = valuesOf(options.params);
      await all(fit(options));
      const after = valuesOf(options.params);
      disposeTree(options.params);
      return (after['head.bias'] as number[]).map((value, index) => value - (before['head.bias']?.[index] as number));
    };
    const rowSteps = Math.floor((text.length - 1) / 3);
    const chunked = await change(truncatedBptt({ updateEvery: 50 }), 1e-3);
    const whole = await change(fullBptt(), (1e-3 * rowSteps) / 50);
    expect(rowSteps % 50).toBeGreaterThan(0);
    chunked.forEach((value, index) => expect(value / (whole[index] as number)).toBeCloseTo(1, 2));
  });

  test('evaluates without disturbing training', async () => {
    const held = streams(2, 7, text.slice(0, 100));
    const plain = await train({ updates: 12, model: { dropout: 0.2 } });
    const evaluated = await train({ updates: 12, model: { dropout: 0.2 }, evaluate: { data: held, every: 5 } });
    expect(evaluated.map(({ loss }) => loss)).toEqual(plain.map(({ loss }) => loss));
    expect(evaluated.flatMap(({ update, evaluation }) => (evaluation ? [update] : []))).toEqual([5, 10]);
    expect(evaluated[4]?.evaluation?.items).toBe(98);
  });

  test('an aborted run keeps what it has, saves it and goes on where it stopped', async () => {
    const whole = await train({ updates: 9 });
    const store = memoryCheckpointStore();
    const controller = new AbortController();
    const options = settings({ checkpoint: { store }, signal: controller.signal });
    const steps: TrainingStep[] = [];
    for await (const step of fit(options)) {
      steps.push(step);
      if (step.update === 4) controller.abort();
    }
    expect(steps).toHaveLength(4);
    steps.push(...(await train({ resume: await store.load(), updates: 9 })));
    expect(steps.map(({ loss }) => loss)).toEqual(whole.map(({ loss }) => loss));
    disposeTree(options.params);
  });

  test('an abort does not wait for data that does not come', async () => {
    const controller = new AbortController();
    const never: DataSource<never> = {
      stretches: null,
      open: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
    };
    const options = settings({ data: never, signal: controller.signal });
    const training = all(fit(options));
    setTimeout(() => controller.abort(), 5);
    expect(await training).toEqual([]);
    disposeTree(options.params);
  });

  test('breaking off frees all but the parameters', async () => {
    const options = settings({ strategy: strategies['overlapping, stored'] as (typeof strategies)[string] });
    for await (const step of fit(options)) if (step.update === 3) break;
    const [first] = treeLeaves(options.params) as [Tensor];
    expect(first.backend.memory().buffers).toBe(treeLeaves(options.params).length);
    disposeTree(options.params);
  });

  test('refuses what makes no sense before it begins', () => {
    const options = settings();
    expect(() => fit({ ...options, updates: 0 })).toThrow(/updates must be a whole number ≥ 1, but is 0/);
    expect(() => fit({ ...options, clip: { norm: 0 } })).toThrow(/clip must be .* above 0, but is 0/);
    expect(() => fit({ ...options, task: { ...options.task, causal: false } })).toThrow(/bidirectional/);
    disposeTree(options.params);
  });

  test('data that is there once only trains one epoch, and a second is refused', async () => {
    async function* once(): AsyncGenerator<string> {
      yield text;
    }
    const make = (epochs: number) =>
      train({ data: contiguousStreams(once(), { vocabulary, batch: 2, steps: 10 }), epochs });
    expect((await make(1)).length).toBeGreaterThan(10);
    await expect(make(2)).rejects.toThrow(DataError);
  });
});

test('nothing needs values at once: a backend that reads later trains, evaluates, saves and generates alike', async () => {
  const { readSync: _readSync, read, capabilities, ...rest } = createBackend();
  const backend: Tensor['backend'] = {
    ...(rest as Tensor['backend']),
    capabilities: { ...capabilities, syncRead: false },
    read: async (x) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return read(x as Parameters<typeof read>[0]);
    },
  };
  const { task, params: usual } = settings();
  const params = scope(() => keep(task.init(key(1), { backend })));
  const store = memoryCheckpointStore();
  const shared = { updates: 4, evaluate: { data: streams(2, 50), every: 2 }, checkpoint: { store, every: 2 } };
  const late = await all(fit(settings({ ...shared, params })));
  const atOnce = await all(fit(settings({ ...shared, params: usual })));
  // Two gradients are there at a time: the one whose answer is awaited, and the next.
  const facts = (steps: readonly TrainingStep[]): unknown[] => steps.map(({ peakBytes: _peakBytes, ...step }) => step);
  expect(facts(late)).toEqual(facts(atOnce));
  const resumed = await all(fit(settings({ ...shared, params, updates: 6, resume: await store.load() })));
  expect(resumed.map(({ update }) => update)).toEqual([5, 6]);
  let written = '';
  for await (const character of generate(task, params, { vocabulary, length: 5 })) written += character;
  expect(written).toHaveLength(5);
  disposeTree([params, usual]);
  expect(backend.memory().buffers).toBe(0);
});

describe('fit with masks', () => {
  const series = Float64Array.from({ length: 53 }, (_, index) => Math.sin(index / 3));

  test('padded windows weigh by their valid steps', async () => {
    const model = sequenceModel({ input: { features: 1 }, hidden: 5, outputs: 1 });
    const losses = async (data: DataSource<Parameters<typeof model.loss>[2]>): Promise<TrainingStep[]> => {
      const params = scope(() => keep(model.init(key(3))));
      const optimiser = sgd({ learningRate: 0 });
      try {
        return await all(fit({ task: model, params, data, strategy: fullBptt(), optimiser }));
      } finally {
        disposeTree(params);
      }
    };
    // 52 steps have a target: five windows of 10 and one of 2.
    const padded = await losses(windows(series, { length: 10, batch: 4 }));
    expect(padded.map(({ items }) => items)).toEqual([40, 12]);
    const alone = await losses(windows(series, { length: 10, batch: 1 }));
    expect(alone.map(({ items }) => items)).toEqual([10, 10, 10, 10, 10, 2]);
    const mean = (steps: readonly TrainingStep[]): number =>
      steps.reduce((total, { loss, items }) => total + loss * items, 0) / sum(steps, 'items');
    expect(mean(padded)).toBeCloseTo(mean(alone), 6);
    // The short window alone: its gradient is that of the mean over its 2 steps.
    const two = await losses(windows(series.slice(50), { length: 2, batch: 1 }));
    expect(alone[5]?.gradientNorm).toBeCloseTo(two[0]?.gradientNorm as number, 6);
  });
});

test('a task of a cell of one’s own trains in float64', async () => {
  type Params = { readonly cell: RecurrentParams; readonly head: Tensor };
  type Stretch = { readonly inputs: Tensor; readonly targets: Tensor; readonly mask: Tensor | null };
  const cell = lstmCell({ hiddenSize: 4 });
  const small = (shape: readonly number[], step: number): Tensor =>
    fromArray(
      Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => Math.sin(index * step) / 4),
      shape,
      { dtype: 'f64' },
    );
  const params: Params = scope(() =>
    keep({
      cell: {
        weight_ih: small([16, 1], 1.1),
        weight_hh: small([16, 4], 1.7),
        bias_ih: small([16], 2.3),
        bias_hh: small([16], 3.1),
      },
      head: small([1, 4], 0.7),
    }),
  );
  const recurrence = cellTask<RecurrentParams, LstmCarry, Stretch, Tensor, Tensor>(cell, {
    input: ({ inputs }) => inputs,
    loss: (_params, output) => add(output, 0),
  });
  const steps = await all(
    fit({
      task: {
        initialCarry: ({ cell: own }: Params, stretch: Stretch) => recurrence.initialCarry(own, stretch),
        forward: ({ cell: own }: Params, carry: LstmCarry, stretch: Stretch, context) =>
          recurrence.forward(own, carry, stretch, context),
        loss: ({ head }: Params, output: Tensor, { targets }: Stretch) =>
          meanSquaredError(linear(output, head), targets),
      },
      params,
      data: windows(
        Float64Array.from({ length: 41 }, (_, index) => Math.sin(index / 2)),
        { length: 20, batch: 2 },
      ),
      strategy: truncatedBptt({ updateEvery: 5 }),
      optimiser: sgd({ learningRate: 0.5, momentum: 0.9 }),
      epochs: 60,
    }),
  );
  expect(steps).toHaveLength(240);
  expect(steps[0]?.items).toBe(10);
  expect(steps.at(-1)?.loss).toBeLessThan(0.3 * (steps[0]?.loss as number));
  disposeTree(params);
});

test('evaluate is the mean loss over everything, each row with its own carry', async () => {
  const { task, params } = settings();
  const cut = await evaluate({ task, params, data: streams(3, 10) });
  const whole = await evaluate({ task, params, data: streams(3, 1000) });
  expect(cut.items).toBe(3 * Math.floor((text.length - 1) / 3));
  expect(cut.items).toBe(whole.items);
  expect(cut.loss).toBeCloseTo(whole.loss, 6);
  disposeTree(params);
});

test('what is read from both ends is not evaluated in parts, whose losses would be of another sequence', async () => {
  const task = sequenceModel({ input: { features: 1 }, hidden: 3, outputs: 1, bidirectional: true });
  const params = scope(() => keep(task.init(key(1))));
  const list = [{ inputs: [[1], [2], [3]], targets: [[1], [1], [1]] }];
  expect((await evaluate({ task, params, data: sequences(list, { batch: 1, steps: 3 }) })).items).toBe(3);
  const cut = { task, params, data: sequences(list, { batch: 1, steps: 2 }) };
  await expect(evaluate(cut)).rejects.toThrow(
    /bidirectional.* a stretch begins at step 2 of one\. Give whole sequences/,
  );
  disposeTree(params);
});

test('a loss that is no scalar is refused, by training and by evaluation', async () => {
  const { task, params } = settings();
  const wide: typeof task = { ...task, loss: (...args) => reshape(task.loss(...args), [1]) };
  await expect(evaluate({ task: wide, params, data: streams(3, 10) })).rejects.toThrow('must be a scalar');
  const training = fit({
    task: wide,
    params,
    data: streams(3, 10),
    strategy: truncatedBptt({ updateEvery: 10 }),
    optimiser: sgd({ learningRate: 0.5 }),
  });
  await expect(all(training)).rejects.toThrow('must be one floating-point scalar');
  disposeTree(params);
});

/** The same strategy, which says of the first update of a sequence that it is unbiased. */
function firstUnbiased(strategy: Strategy): Strategy {
  return {
    ...strategy,
    start(task, options) {
      const run = strategy.start(task, options);
      const push = run.push.bind(run);
      run.push = function* (params, stretch) {
        const { position } = run;
        for (const update of push(params, stretch)) yield { ...update, unbiased: position === 0 };
      };
      return run;
    },
  };
}

function sum(steps: readonly TrainingStep[], field: 'items' | 'droppedLosses'): number {
  return steps.reduce((total, step) => total + step[field], 0);
}
