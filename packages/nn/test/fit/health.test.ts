import {
  adaptiveTruncation,
  add,
  artbp,
  disposeTree,
  fullBptt,
  gradientByLag,
  keep,
  key,
  matmul,
  mul,
  randomTelescoping,
  scope,
  shareTree,
  sum,
  tanh,
  truncatedBptt,
  cellTask,
  checkpointedBptt,
  zeros,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  fit,
  memoryCheckpointStore,
  sequenceModel,
  sgd,
  type FitOptions,
  type GradientHealth,
  type SequenceStretch,
  type TrainableTask,
  type TrainingStep,
} from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { cutInto, type Sequence } from './sequences.js';
import { all, settings, strategies, streams, valuesOf, variedStrategies } from './training.js';

withFreshBackend();

/** Trains with and without looking, and gives both. */
async function both(
  changes: Parameters<typeof settings>[0],
  health = { every: 2 },
): Promise<Record<'with' | 'without', { steps: TrainingStep[]; params: Record<string, number[]> }>> {
  const run = async (more: object): Promise<{ steps: TrainingStep[]; params: Record<string, number[]> }> => {
    const options = settings({ updates: 6, ...changes, ...more });
    const average = { params: scope(() => shareTree(options.params)), decay: 0.9 };
    try {
      const steps = await all(fit({ ...options, ...(changes?.average === undefined ? {} : { average }) }));
      return { steps, params: valuesOf([options.params, average.params]) };
    } finally {
      disposeTree([options.params, average.params]);
    }
  };
  return { with: await run({ health }), without: await run({}) };
}

const withoutHealth = ({ health: _health, peakBytes: _peakBytes, ...step }: TrainingStep): unknown => step;

describe('looking at gradients changes nothing of a training', () => {
  const changes: Record<string, Parameters<typeof settings>[0]> = {
    ...Object.fromEntries(
      Object.entries({ ...strategies, ...variedStrategies }).map(([name, strategy]) => [name, { strategy }]),
    ),
    'the whole sequence': { strategy: fullBptt(), updates: 2 },
    'gradients added up': { accumulate: 4, data: streams(3, 20), updates: undefined, epochs: 1 },
    noise: { gradientNoise: 0.01, weightNoise: 0.01 },
    'an average': { average: {} as never },
    'clipped by value, dropout': { clip: { value: 0.01 }, model: { layers: 2, dropout: 0.2 } },
    'no clipping, gru': { clip: null, model: { cell: 'gru' } },
  };
  test.each(Object.entries(changes))('%s', async (_name, change) => {
    const { with: looked, without } = await both(change);
    expect(looked.params).toEqual(without.params);
    expect(looked.steps.map(withoutHealth)).toEqual(without.steps.map(withoutHealth));
    expect(looked.steps.map(({ health }) => health !== null)).toEqual(
      looked.steps.map(({ update }) => update % 2 === 0),
    );
    for (const { health } of looked.steps) if (health !== null) expectWhole(health);
  });
});

test.each([
  ['checkpoints', checkpointedBptt({ slots: 12, segment: 10 })],
  ['random lengths', randomTelescoping({ updateEvery: 10, meanLength: 20 })],
  ['a long window with checkpoints', truncatedBptt({ updateEvery: 5, backwardSteps: 15, checkpoints: { slots: 2 } })],
  ['random cuts', artbp({ updateEvery: 10, meanLength: 5 })],
  ['measured lengths', adaptiveTruncation({ updateEvery: 10, maxLength: 20, tolerance: 0.1 })],
])('strategies of other kinds are looked at without a change: %s', async (_name, strategy) => {
  const { with: looked, without } = await both({ strategy, data: streams(3, 200), updates: 2 }, { every: 1 });
  expect(looked.params).toEqual(without.params);
  expect(looked.steps.map(withoutHealth)).toEqual(without.steps.map(withoutHealth));
  for (const { health } of looked.steps) {
    expect(health!.layers.map(({ name, byLag }) => [name, byLag!.length])).toEqual([['rnn.l0', expect.any(Number)]]);
    expect(health!.informed).not.toBeNull();
  }
});

/** Nothing in it is missing or no number. */
function expectWhole(health: GradientHealth): void {
  expect(health.unseen).toEqual([]);
  expect(health.finite).toBe(true);
  expect(health.layers.length).toBeGreaterThan(0);
  for (const { byTime, byLag, steps } of health.layers) {
    expect(byTime).toHaveLength(steps!.to - steps!.from);
    expect([...byTime!, ...byLag!].every((norm) => norm >= 0 && Number.isFinite(norm))).toBe(true);
  }
  expect(health.parameters!.every(({ gradient, weight, update }) => gradient >= 0 && weight >= 0 && update! > 0)).toBe(
    true,
  );
  expect(JSON.parse(JSON.stringify(health))).toEqual(health);
}

describe('what a look tells', () => {
  test('norms of updates and clipping are those of the training', async () => {
    const options = settings({ updates: 6, clip: { norm: 0.2 }, optimiser: sgd({ learningRate: 0.5 }) });
    const before = valuesOf(options.params);
    const steps = await all(fit({ ...options, updates: 1, health: { every: 1 } }));
    const { health, gradientNorm } = steps[0]!;
    const after = valuesOf(options.params);
    for (const { name, update, weight, gradient } of health!.parameters!) {
      const changes = after[name]!.map((value, index) => value - before[name]![index]!);
      expectClose([update!, weight], [Math.hypot(...changes), Math.hypot(...before[name]!)], 1e-5, name);
      expectClose([update!], [(0.5 * gradient * 0.2) / gradientNorm], 1e-4, name);
    }
    const factor = 0.2 / gradientNorm;
    expect(health!.clipping!.updates).toBe(1);
    expectClose([health!.clipping!.factor, health!.clipping!.meanFactor], [factor, factor], 1e-4);
    const later = await all(fit({ ...options, health: { every: 3 } }));
    const clipped = later.slice(0, 3).filter((step) => step.gradientNorm > 0.2);
    expect(later[2]!.health!.clipping).toMatchObject({ updates: 3, share: clipped.length / 3 });
    disposeTree(options.params);
  });

  test('by lag is what one loss says of earlier states', async () => {
    const options = settings({ data: streams(2, 20), strategy: truncatedBptt({ updateEvery: 20 }), updates: 1 });
    const [step] = await all(fit({ ...options, optimiser: sgd({ learningRate: 0 }), health: { every: 1 } }));
    for await (const { stretch } of options.data.open({ epoch: 0, index: 0 })) {
      const { states } = gradientByLag(options.task, options.params, stretch);
      expectClose(step!.health!.layers[0]!.byLag!, (states as { h: number[] }).h, 1e-5);
      disposeTree(stretch);
      break;
    }
    const part = settings({ ...options, params: options.params });
    const sample = { rows: 1, steps: 5 };
    const [cut] = await all(fit({ ...part, optimiser: sgd({ learningRate: 0 }), health: { every: 1, sample } }));
    expect(cut!.health!.layers[0]!.byLag).toHaveLength(5);
    const [none] = await all(fit({ ...part, health: { every: 1, sample: null, saturation: false } }));
    expect(none!.health!.layers[0]).toMatchObject({ byLag: null, saturation: null });
    expect(none!.health!.informed).toBeNull();
    disposeTree(options.params);
  });

  test('predictions are informed where the inputs make them, and only there', async () => {
    const options = settings({ epochs: 6, health: { every: 5 }, data: streams(8, 10) });
    const informed = (await all(fit(options))).flatMap(({ health }) => health?.informed ?? []);
    expect(informed[0]).toBeLessThan(0.1);
    expect(informed.at(-1)).toBeGreaterThan(0.15);
    disposeTree(options.params);
  });

  test('windows that look back further than an update are seen whole', async () => {
    const options = settings({ strategy: truncatedBptt({ updateEvery: 4, backwardSteps: 11 }), updates: 5 });
    const steps = await all(fit({ ...options, health: { every: 1 } }));
    for (const { health, parameterSteps } of steps) expect(health!.layers[0]!.steps).toEqual(parameterSteps);
    disposeTree(options.params);
  });
});

test('a backend that answers later is looked at with the same result', async () => {
  const run = async (backend?: ReturnType<typeof lateBackend>): Promise<TrainingStep[]> => {
    const on = backend === undefined ? {} : { backend: backend.backend };
    const { task, params: given, ...rest } = settings({ updates: 7, health: { every: 3 } });
    disposeTree(given);
    const params = scope(() => keep(task.init(key(1), on)));
    const steps = await all(fit({ ...rest, task, params }));
    disposeTree(params);
    return steps;
  };
  const device = lateBackend();
  const late = await run(device);
  expect(device.backend.memory().buffers).toBe(0);
  const healths = (steps: TrainingStep[]): unknown => steps.map(({ health }) => health);
  expect(healths(late)).toEqual(healths(await run()));
});

test('a run goes on from a checkpoint to the bit, looked at or not', async () => {
  const run = async (more: Partial<FitOptions<never, never, never, never>>): Promise<TrainingStep[]> => {
    const options = settings({ accumulate: 2, updates: 6 });
    const steps = await all(fit({ ...options, ...more }));
    disposeTree(options.params);
    return steps;
  };
  const plain = await run({});
  const store = memoryCheckpointStore();
  const first = await run({ health: { every: 2 }, updates: 3, checkpoint: { store } });
  const second = await run({ health: { every: 2 }, resume: await store.load() });
  expect([...first, ...second].map(withoutHealth)).toEqual(plain.map(withoutHealth));
  expect(second.map(({ update, health }) => [update, health?.update ?? null])).toEqual([
    [4, 4],
    [5, null],
    [6, 6],
  ]);
});

describe('other tasks', () => {
  const sequence: Sequence = {
    shape: [6, 3],
    inputs: Array.from({ length: 18 }, (_, index) => Math.sin(index)),
    targets: Array.from({ length: 18 }, (_, index) => Math.cos(index)),
    mask: Array<number>(18).fill(1),
  };
  const data = cutInto([sequence], { sizes: [6], tells: true });

  test('a cell of one’s own is composed, which is told; its parameters are looked at', async () => {
    const params = scope(() => keep({ w: add(zeros([2, 2]), 0.3), u: add(zeros([1, 2]), 0.5) }));
    const cell = {
      initialCarry: (batch: number) => zeros([batch, 2]),
      step: (p: { w: Tensor; u: Tensor }, h: Tensor, x: Tensor) => {
        const carry = tanh(add(matmul(x, p.u), matmul(h, p.w)));
        return { carry, output: carry };
      },
    };
    const task: TrainableTask<{ w: Tensor; u: Tensor }, Tensor, SequenceStretch, Tensor> = cellTask(cell, {
      input: (stretch: SequenceStretch) => stretch.inputs,
      loss: (_params, output) => sum(mul(output, output)),
    });
    const [step] = await all(
      fit({ task, params, data, strategy: fullBptt(), optimiser: adam({ learningRate: 0.01 }), health: { every: 1 } }),
    );
    const { unseen, parameters, informed } = step!.health!;
    expect(unseen.length).toBeGreaterThan(0);
    expect(parameters!.map(({ name }) => name)).toEqual(['w', 'u']);
    expect(informed).toBeGreaterThanOrEqual(-1);
    disposeTree(params);
  });

  test('two directions have no lag', async () => {
    const task = sequenceModel({ input: { features: 1 }, hidden: 3, outputs: 1, bidirectional: true });
    const params = scope(() => keep(task.init(key(1))));
    const optimiser = adam({ learningRate: 0.01 });
    const [step] = await all(fit({ task, params, data, strategy: fullBptt(), optimiser, health: { every: 1 } }));
    expect(step!.health!.layers.map(({ name, byLag }) => [name, byLag])).toEqual([
      ['rnn.l0', null],
      ['rnn.l0_reverse', null],
    ]);
    disposeTree(params);
  });

  test('a training that diverges leaves nothing behind', async () => {
    const params = scope(() => keep(sequenceModel({ input: { features: 1 }, hidden: 3, outputs: 1 }).init(key(1))));
    const task = sequenceModel({ input: { features: 1 }, hidden: 3, outputs: 1 });
    const bad = cutInto([{ ...sequence, targets: sequence.targets.length === 0 ? [] : Array<number>(18).fill(NaN) }], {
      sizes: [6],
      tells: true,
    });
    const training = fit({
      task,
      params,
      data: bad,
      strategy: fullBptt(),
      optimiser: sgd({ learningRate: 0.1 }),
      health: { every: 1 },
    });
    await expect(all(training)).rejects.toThrow('diverged');
    disposeTree(params);
  });
});

test.each([
  [{ every: 0 }, /fit: health\.every .* ≥ 1/],
  [{ every: 2.5 }, /every/],
  [{ evry: 2 }, /evry/],
  [{ sample: { rows: 0 } }, /health\.sample\.rows must be a whole number ≥ 1, but is 0/],
  [{ sample: { step: 3 } }, /step/],
  [{ sample: 4 }, /sample/],
  [10, /health/],
])('options that make no sense are refused: %j', (health, message) => {
  const options = settings({});
  expect(() => fit({ ...options, health: health as never })).toThrow(message);
  disposeTree(options.params);
});
