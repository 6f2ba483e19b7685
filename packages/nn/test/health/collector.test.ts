import {
  cellTask,
  concat,
  disposeTree,
  fromArray,
  full,
  fullBptt,
  gruCell,
  keep,
  key,
  lstmCell,
  mul,
  ones,
  rnnCell,
  scope,
  sum,
  treeEntries,
  truncatedBptt,
  zeros,
  type Cell,
  type RecurrentParams,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { charModel, sgd, startHealth, type GradientHealth, type HealthOptions } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

const f64 = { dtype: 'f64' } as const;

withFreshBackend();

const made = <T>(fn: () => T): T => scope(() => keep(fn()));

interface Settings {
  readonly options?: HealthOptions;
  readonly clip?: Parameters<typeof startHealth>[1];
  readonly factor?: number;
  readonly learningRate?: number;
}

/** The health of the updates of a sequence, each of which takes a step. */
async function healths<P, C, S, O>(
  strategy: Strategy,
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  { options = {}, clip = null, factor = 1, learningRate = 0.1 }: Settings = {},
): Promise<GradientHealth[]> {
  const collector = startHealth<P>({ every: 1, ...options }, clip);
  const optimiser = sgd({ learningRate });
  const state = optimiser.init(params);
  const run = strategy.start(task);
  const found: GradientHealth[] = [];
  for (const updates of [run.push(params, stretch), run.finish(params)]) {
    for (;;) {
      const probe = collector.probe(found.length + 1);
      if (probe === null) throw new Error('none is due');
      const next = probe.backward(params, () => updates.next());
      if (next.done === true) break;
      const { gradient, parameterSteps } = next.value;
      probe.step({ params, gradient, factor }, () => optimiser.update(params, gradient, state, { scale: factor }));
      collector.counted(Math.hypot(...treeEntries(gradient).flatMap(([, leaf]) => [...leaf.readSync()])) * factor);
      found.push(await collector.read(probe, { update: found.length + 1, parameterSteps }));
    }
  }
  run.dispose();
  return found;
}

/** `h' = relu(λ h + x)`, positive throughout, so that δ is a geometric sum; the loss is the sum of all outputs. */
function reluTask(time: number, batch: number, lambda: number, mask: Tensor | null = null) {
  const params: RecurrentParams = { weight_ih: full([1, 1], 1, f64), weight_hh: full([1, 1], lambda, f64) };
  const task = cellTask(rnnCell({ hiddenSize: 1, activation: 'relu' }), {
    input: (stretch: { x: Tensor; mask: Tensor | null }) => stretch.x,
    mask: (stretch) => stretch.mask,
    loss: (_, output) => sum(output),
  });
  return { params, task, stretch: { x: ones([time, batch, 1], f64), mask } };
}

test('δ by time is a geometric sum where a state is linear', async () => {
  const [time, batch, lambda] = [6, 2, 0.5];
  const { params, task, stretch } = reluTask(time, batch, lambda);
  const [health] = await healths(fullBptt(), task, params, stretch, { learningRate: 0 });
  const wanted = Array.from({ length: time }, (_, t) => (Math.SQRT2 * (1 - lambda ** (time - t))) / (1 - lambda));
  const [layer] = health?.layers ?? [];
  expect(health?.layers.length).toBe(1);
  expect(layer?.name).toBe('layer');
  expect(layer?.steps).toEqual({ from: 0, to: time });
  layer?.byTime?.forEach((norm, t) => expect(norm).toBeCloseTo(wanted[t] as number, 12));
  expect(layer?.saturation).toEqual({ h: { low: 0, high: 0 } });
  expect(layer?.dead).toEqual({ count: 0, of: 1 });
  expect(health?.unseen).toEqual([]);
  expect(health?.finite).toBe(true);
  expect(JSON.parse(JSON.stringify(health))).toEqual(health);
  disposeTree([params, stretch]);
});

test('is of the mean loss, leaves masked steps out, and names gates, windows and clipping', async () => {
  const [time, batch, lambda] = [5, 1, 0.5];
  const mask = fromArray(Int32Array.from([1, 0, 1, 1, 0]), [time, batch], { dtype: 'i32' });
  const { params, task, stretch } = reluTask(time, batch, lambda, mask);
  const factor = 0.25;
  const options = { learningRate: 0, factor, clip: { norm: 0.5 } };
  const updates = await healths(truncatedBptt({ updateEvery: 3 }), task, params, stretch, options);
  expect(updates.map(({ layers }) => layers[0]?.steps)).toEqual([
    { from: 0, to: 3 },
    { from: 3, to: 5 },
  ]);
  // Step 1 leaves the state as it is, and δ of it goes on to the one before.
  expect(updates[0]?.layers[0]?.byTime).toEqual([1.5 * factor, 0.5 * factor, factor]);
  expect(updates[1]?.layers[0]?.byTime).toEqual([factor, 0]);
  const [first, second] = updates.map(({ gradientNorm }) => gradientNorm as number) as [number, number];
  expect(updates[0]?.clipping).toEqual({
    updates: 1,
    share: 1,
    meanFactor: 0.5 / (first + 1e-6),
    factor: 0.5 / (first + 1e-6),
  });
  expect(second).toBeLessThan(0.5);
  expect(updates[1]?.clipping).toEqual({ updates: 1, share: 0, meanFactor: 1, factor: 1 });
  // One step and row of it counts.
  expect(updates[1]?.layers[0]?.dead).toBe(null);
  disposeTree([params, stretch]);
});

test('windows that overlap are put together, and pieces that ran with earlier parameters keep their layer', async () => {
  const task = charModel({ vocabulary: 5, embedding: 3, hidden: 4, layers: 2 });
  const params = task.init(key(1), f64);
  const stretch = {
    inputs: fromArray(
      Int32Array.from({ length: 16 }, (_, index) => (index * 3) % 5),
      [8, 2],
      { dtype: 'i32' },
    ),
    targets: fromArray(
      Int32Array.from({ length: 16 }, (_, index) => (index * 2) % 5),
      [8, 2],
      { dtype: 'i32' },
    ),
  };
  const strategy = truncatedBptt({ updateEvery: 2, backwardSteps: 5, staleness: 'stored' });
  const updates = await healths(strategy, task, params, stretch);
  expect(updates.map(({ layers }) => layers.map(({ name, steps, byTime }) => [name, steps, byTime?.length]))).toEqual(
    [
      [0, 2],
      [0, 4],
      [1, 6],
      [3, 8],
    ].map(([from, to]) => ['rnn.l0', 'rnn.l1'].map((name) => [name, { from, to }, (to as number) - (from as number)])),
  );
  for (const { layers, finite, parameters } of updates) {
    expect(finite).toBe(true);
    expect(Object.keys(layers[0]?.saturation ?? {})).toEqual(['i', 'f', 'g', 'o']);
    expect(parameters?.map(({ name }) => name)).toEqual(treeEntries(params).map(([path]) => path));
    for (const { gradient, update } of parameters ?? []) expect(update).toBeCloseTo(0.1 * gradient, 12);
  }
  disposeTree([params, stretch]);
});

describe('gates', () => {
  const [time, batch, hidden] = [20, 2, 2];
  /** Biases alone, so that every gate has one value. */
  const stuck = (gates: number, biases: readonly number[], inner = 0): RecurrentParams =>
    made(() => ({
      weight_ih: zeros([gates * hidden, 1], f64),
      weight_hh: zeros([gates * hidden, hidden], f64),
      bias_ih: concat(biases.map((bias) => full([hidden], bias, f64))),
      bias_hh: concat([zeros([(gates - 1) * hidden], f64), full([hidden], inner, f64)]),
    }));
  const found = async (cell: Cell<RecurrentParams, unknown>, params: RecurrentParams, x: Tensor, saturation = true) => {
    const task = cellTask(cell, { input: (input: Tensor) => input, loss: (_, output) => sum(output) });
    const [health] = await healths(fullBptt(), task, params, x, { options: { saturation }, learningRate: 0 });
    disposeTree([params, x]);
    return health?.layers[0];
  };

  test('of an LSTM at their ends are counted', async () => {
    const cell = lstmCell({ hiddenSize: hidden }) as Cell<RecurrentParams, unknown>;
    const layer = await found(cell, stuck(4, [-3, 3, -1.9, 2.9]), ones([time, batch, 1], f64));
    expect(layer?.saturation).toEqual({
      i: { low: 1, high: 0 },
      f: { low: 0, high: 1 },
      g: { low: 1, high: 0 },
      o: { low: 0, high: 0 },
    });
  });

  test('of a GRU are counted, and n is what the reset gate leaves of it', async () => {
    const cell = gruCell({ hiddenSize: hidden }) as Cell<RecurrentParams, unknown>;
    const layer = await found(cell, stuck(3, [0, 3, 1], 1.7), ones([time, batch, 1], f64));
    // 1 + σ(0)·1.7 = 1.85, and tanh of it is above 0.95.
    expect(layer?.saturation).toEqual({ r: { low: 0, high: 0 }, z: { low: 0, high: 1 }, n: { low: 0, high: 1 } });
  });

  test('units that do not move are dead, others are not, and nobody need look at gates', async () => {
    const cell = rnnCell({ hiddenSize: hidden, activation: 'relu' }) as Cell<RecurrentParams, unknown>;
    const weight = fromArray(Float64Array.from([1, -1]), [2, 1], f64);
    const params = { weight_ih: weight, weight_hh: zeros([2, 2], f64) };
    const x = made(() => mul(full([time, batch, 1], 1, f64), fromArray(Float64Array.from([1, 2]), [batch, 1], f64)));
    const layer = await found(cell, params, x, false);
    expect(layer?.dead).toEqual({ count: 1, of: 2 });
    expect(layer?.saturation).toBe(null);
  });
});
