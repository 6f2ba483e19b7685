import {
  disposeTree,
  fromArray,
  full,
  fullBptt,
  keep,
  key,
  mul,
  scope,
  treeEntries,
  truncatedBptt,
  valueAndGrad,
  type Strategy,
} from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adamw,
  adam,
  DataError,
  fit,
  memoryCheckpointStore,
  sequenceModel,
  sgd,
  windows,
  type Checkpoint,
  type DataSource,
  type FitOptions,
  type Optimiser,
  type SequenceModel,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
  type TrainingStep,
} from '../../src/index.js';
import type { Tensor } from '@tempograd/core';
import { expectClose, withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { cutInto, itemsOf, stretchOf, type Cut, type Sequence } from './sequences.js';
import { all, valuesOf } from './training.js';

withFreshBackend();

type Options = FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor>;

const outputs = 2;
const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs });
const makeParams = (backend?: Tensor['backend']): SequenceModelParams =>
  scope(() => keep(model.init(key(1), { dtype: 'f64', ...(backend && { backend }) })));

const strategies: Readonly<Record<string, Strategy>> = {
  chunks: truncatedBptt({ updateEvery: 4 }),
  'overlapping, stored': truncatedBptt({ updateEvery: 3, backwardSteps: 7 }),
  'overlapping, run again': truncatedBptt({ updateEvery: 3, backwardSteps: 7, staleness: 'recompute' }),
  'short windows': truncatedBptt({ updateEvery: 5, backwardSteps: 2 }),
  'one step': truncatedBptt({ updateEvery: 1 }),
  'as far back as there is': truncatedBptt({ updateEvery: 4, backwardSteps: 100 }),
  'last losses alone': truncatedBptt({ updateEvery: 3, lossScope: 'last' }),
  whole: fullBptt(),
};

/** Sequences with padding at either end, holes, and whole spans masked; at least one label each, NaN where none is. */
const sequence: fc.Arbitrary<Sequence> = fc
  .record({ time: fc.integer({ min: 1, max: 17 }), batch: fc.integer({ min: 1, max: 3 }) })
  .chain(({ time, batch }) =>
    fc.record({
      shape: fc.constant([time, batch] as const),
      seed: fc.integer({ min: 1, max: 1000 }),
      left: fc.array(fc.integer({ min: 0, max: time }), { minLength: batch, maxLength: batch }),
      right: fc.array(fc.integer({ min: 0, max: time }), { minLength: batch, maxLength: batch }),
      span: fc.tuple(fc.integer({ min: 0, max: time }), fc.integer({ min: 0, max: time })),
      holes: fc.array(fc.boolean(), { minLength: time * batch, maxLength: time * batch }),
      kept: fc.nat({ max: time * batch - 1 }),
    }),
  )
  .map(({ shape, seed, left, right, span, holes, kept }) => {
    const [time, batch] = shape;
    const mask = holes.map((hole, at) => {
      const [step, row] = [Math.floor(at / batch), at % batch];
      const padded = step < (left[row] as number) || step >= time - (right[row] as number);
      return at === kept || !(hole || padded || (step >= span[0] && step < span[1])) ? 1 : 0;
    });
    return { shape, mask, ...labelled(shape, mask, seed) };
  });

function labelled(
  [time, batch]: readonly [number, number],
  mask: readonly number[],
  seed: number,
): Pick<Sequence, 'inputs' | 'targets'> {
  const noise = (size: number, step: number): number[] =>
    Array.from({ length: size }, (_, index) => Math.sin(seed + (index + 1) * step));
  const counts = (index: number, width: number): boolean => mask[Math.floor(index / width)] === 1;
  return {
    inputs: noise(time * batch * 2, 1.3).map((value, index) => (counts(index, 2) ? value : NaN)),
    targets: noise(time * batch * outputs, 2.1).map((value, index) => (counts(index, outputs) ? value : NaN)),
  };
}

/** The same with a label at each row's last step, which no strategy drops. */
function endingInLabels({ shape, mask }: Sequence): Sequence {
  const labels = mask.map((counts, at) => (at >= mask.length - shape[1] ? 1 : counts));
  return { shape, mask: labels, ...labelled(shape, labels, 1) };
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

/** Leaves the parameters alone, and adds the gradients up that it is given. */
function summing(): { readonly optimiser: Optimiser; readonly sum: Record<string, number[]> } {
  const sum: Record<string, number[]> = {};
  const optimiser: Optimiser = {
    name: 'summing',
    learningRate: () => 0,
    init: () => ({ step: 0, moments: {} }),
    update(_params, gradient, state, { scale = 1, guard = null } = {}) {
      state.step++;
      if (guard !== null && !Number.isFinite(guard.readSync()[0])) return;
      for (const [path, leaf] of treeEntries(gradient)) {
        const scaled = scope(() => [...mul(leaf, scale ?? 1).readSync()]);
        sum[path] = scaled.map((value, index) => value + (sum[path]?.[index] ?? 0));
      }
    },
  };
  return { optimiser, sum };
}

async function train(changes: Partial<Options> & Pick<Options, 'data' | 'strategy'>): Promise<{
  readonly steps: TrainingStep[];
  readonly params: Record<string, number[]>;
}> {
  const params = makeParams();
  const optimiser = adamw({ learningRate: 0.05, weightDecay: 0.1 });
  try {
    const steps = await all(fit({ task: model, params, optimiser, ...changes }));
    return { steps, params: valuesOf(params) };
  } finally {
    disposeTree(params);
  }
}

function expectAlike(actual: Record<string, number[]>, expected: Record<string, number[]>, tolerance: number): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [path, values] of Object.entries(expected)) expectClose(actual[path] ?? [], values, tolerance, path);
}

const what = ({ loss, items, normaliser, skipped, lossSteps, update }: TrainingStep): unknown => ({
  loss: Number(loss.toPrecision(10)),
  items,
  normaliser,
  skipped,
  lossSteps,
  update,
});

describe('how data is cut into stretches changes nothing', () => {
  test.each(Object.entries(strategies))('%s', async (_name, strategy) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sequence, { minLength: 1, maxLength: 3 }),
        sizes,
        fc.boolean(),
        async (drawn, cut, tells) => {
          const sequences = strategy.drops === null ? drawn : drawn.map(endingInLabels);
          const whole = await train({ strategy, data: cutInto(sequences, { sizes: [100], tells }) });
          const parts = await train({ strategy, data: cutInto(sequences, { sizes: cut, tells }) });
          expect(parts.steps.map(what)).toEqual(whole.steps.map(what));
          expectAlike(parts.params, whole.params, 1e-12);
        },
      ),
      { numRuns: 8, seed: 7 },
    );
  });
});

describe("the gradients of a sequence's updates add up, at frozen parameters, to that of its mean loss", () => {
  const exact = ['as far back as there is', 'whole'] as const;
  test.each(exact.flatMap((name) => [true, false].map((tells) => [name, tells] as const)))(
    '%s, where the source tells its items: %s',
    async (name, tells) => {
      const strategy = strategies[name] as Strategy;
      await fc.assert(
        fc.asyncProperty(sequence, sizes, async (one, cut) => {
          // Without being told, so many steps make more than one update, whose mean cannot be known.
          fc.pre(tells || strategy.updateEvery >= one.shape[0]);
          const { optimiser, sum } = summing();
          await train({ strategy, optimiser, data: cutInto([one], { sizes: cut, tells }) });
          expectAlike(sum, gradientOfMean(one), 1e-12);
        }),
        { numRuns: 12, seed: 3 },
      );
    },
  );
});

/** By differentiating the mean loss of the whole sequence at once. */
function gradientOfMean(one: Sequence): Record<string, number[]> {
  const params = makeParams();
  const gradient = scope(() => {
    const stretch = stretchOf(one, { dtype: 'f64' });
    const mean = (p: SequenceModelParams): Tensor => {
      const { output } = model.forward(p, model.initialCarry(p, stretch), stretch, { from: 0, key: null });
      return mul(model.loss(p, output, stretch, { from: 0, key: null }), 1 / (outputs * itemsOf(one)));
    };
    return valuesOf(valueAndGrad(mean)(params).gradient);
  });
  disposeTree(params);
  return gradient;
}

/** A sequence of `time` steps and two rows with labels at the steps given. */
function labelledAt(time: number, steps: readonly number[], seed = 1): Sequence {
  const mask = Array.from({ length: 2 * time }, (_, at) => Number(steps.includes(Math.floor(at / 2))));
  return { shape: [time, 2], mask, ...labelled([time, 2], mask, seed) };
}

/** Of its updates of 4 steps, the first, the third, the fourth and the last have no label. */
const sparse = [labelledAt(24, [5, 6, 17]), labelledAt(14, [0, 9], 2)];
const told: Cut = { sizes: [5, 3], tells: true };
const chunks = strategies['chunks'] as Strategy;

describe('updates in which no loss counts', () => {
  test('take no step of the optimiser, and are counted apart', async () => {
    // By hand, with the same strategy, and an optimiser that is not asked where there is nothing to learn.
    const params = makeParams();
    const optimiser = adamw({ learningRate: 0.05, weightDecay: 0.1 });
    const state = optimiser.init(params);
    for (const one of sparse) {
      const stretch = stretchOf(one, { dtype: 'f64' });
      const run = chunks.start(model);
      const updates = [...labelSteps(one)];
      const take = (update: { gradient: SequenceModelParams; lossSteps: { from: number; to: number } }): void => {
        const { from, to } = update.lossSteps;
        if (!updates.some((step) => step >= from && step < to)) return;
        optimiser.update(params, update.gradient, state, { scale: 1 / (outputs * itemsOf(one)) });
      };
      for (const update of run.push(params, stretch)) take(update);
      for (const update of run.finish(params)) take(update);
      run.dispose();
      disposeTree(stretch);
    }
    const { steps, params: trained } = await train({ strategy: chunks, data: cutInto(sparse, told) });
    expectAlike(trained, valuesOf(params), 1e-14);
    expect(steps.map(({ skipped }) => skipped)).toEqual([1, 2, 1, 1]);
    expect(steps.map(({ update }) => update)).toEqual([1, 2, 3, 4]);
    expect(steps.map(({ items }) => items)).toEqual([8, 4, 4, 4]);
    expect(state.step).toBe(4);
    disposeTree([params, state.moments]);
  });

  test('so they do on a backend that answers later, and with checkpoints', async () => {
    const device = lateBackend();
    const params = makeParams(device.backend);
    const stores = [memoryCheckpointStore(), memoryCheckpointStore()] as const;
    const optimiser = adamw({ learningRate: 0.05, weightDecay: 0.1 });
    const settings = { strategy: chunks, data: cutInto(sparse, told), optimiser, epochs: 3 };
    const later = await all(fit({ task: model, params, ...settings, checkpoint: { store: stores[0], every: 2 } }));
    const usual = await train({ ...settings, checkpoint: { store: stores[1], every: 2 } });
    expect(later.map(what)).toEqual(usual.steps.map(what));
    expectAlike(Object.fromEntries(treeEntries(params).map(([p, leaf]) => [p, device.peek(leaf)])), usual.params, 0);
    expect(await stores[0].load()).toEqual(await stores[1].load());
    disposeTree(params);
    expect(device.backend.memory().buffers).toBe(0);
  });

  test('a run that is resumed anywhere between them goes on as if it had never stopped', async () => {
    const settings = {
      strategy: strategies['overlapping, stored'] as Strategy,
      data: cutInto(sparse, told),
      epochs: 2,
    };
    const whole = await train(settings);
    for (let at = 1; at < whole.steps.length; at += 2) {
      for (const backend of [undefined, lateBackend().backend]) {
        const store = memoryCheckpointStore();
        const stop = new AbortController();
        const params = makeParams(backend);
        const optimiser = adamw({ learningRate: 0.05, weightDecay: 0.1 });
        const first: TrainingStep[] = [];
        const training = fit({
          task: model,
          params,
          optimiser,
          ...settings,
          checkpoint: { store },
          signal: stop.signal,
        });
        for await (const step of training) if (first.push(step) === at) stop.abort();
        const second = await train({ ...settings, resume: await store.load() });
        expect([...first, ...second.steps].map(what), `at ${at}`).toEqual(whole.steps.map(what));
        expect(second.params).toEqual(whole.params);
        disposeTree(params);
      }
    }
  });

  test('a checkpoint of before normalisers were told still loads', async () => {
    const store = memoryCheckpointStore();
    const settings = { strategy: chunks, data: cutInto(sparse, told) };
    const whole = await train(settings);
    await train({ ...settings, updates: 1, checkpoint: { store } });
    const { tensors, metadata } = (await store.load()) as Checkpoint;
    const state = JSON.parse(metadata['tempograd.training'] as string) as Record<string, Record<string, unknown>>;
    const { items: _items, ...run } = state['run'] as Record<string, unknown>;
    const { skipped: _skipped, ...rest } = { ...state, run: { ...run, itemsPerStep: 2, fullSteps: 4 } } as Record<
      string,
      unknown
    >;
    const resume = { tensors, metadata: { 'tempograd.training': JSON.stringify(rest) } };
    expect((await train({ ...settings, resume })).steps.map(what)).toEqual(whole.steps.slice(1).map(what));
  });

  test('do not count as updates asked for, nor as steps of a schedule', async () => {
    for (const backend of [undefined, lateBackend().backend]) {
      for (const updates of [1, 2, 3, 4, 5, 9]) {
        const params = makeParams(backend);
        const asked: number[] = [];
        const learningRate = (step: number): number => (asked.push(step), 0.01);
        const steps = await all(
          fit({
            task: model,
            params,
            strategy: chunks,
            data: cutInto(sparse, told),
            optimiser: sgd({ learningRate }),
            updates,
          }),
        );
        expect(steps).toHaveLength(updates);
        expect(Math.max(...asked)).toBe(updates - 1);
        disposeTree(params);
      }
    }
  });

  test('an epoch of nothing else is refused in words, whatever came before', async () => {
    const nothing = labelledAt(10, []);
    const message = /no loss counts in epoch 0: every step of it is masked or has no label/;
    for (const options of [{ epochs: 1 }, { updates: 5 }, { epochs: 3 }]) {
      for (const cut of [told, { sizes: [100], tells: false }]) {
        const training = train({ strategy: chunks, data: cutInto([nothing], cut), ...options });
        await expect(training).rejects.toThrow(DataError);
        await expect(training).rejects.toThrow(message);
        const params = makeParams(lateBackend().backend);
        const later = all(
          fit({
            task: model,
            params,
            strategy: chunks,
            data: cutInto([nothing], cut),
            optimiser: adam({ learningRate: 1 }),
            ...options,
          }),
        );
        await expect(later).rejects.toThrow(/no loss counts in epoch [01]/);
        disposeTree(params);
      }
    }
    // What was learnt in an epoch before it is saved.
    const store = memoryCheckpointStore();
    const usual = cutInto(sparse, told);
    const first = {
      ...usual,
      open: (position, options) => (position.epoch === 0 ? usual : cutInto([nothing], told)).open(position, options),
    } satisfies DataSource<SequenceStretch>;
    await expect(train({ strategy: chunks, data: first, epochs: 4, checkpoint: { store } })).rejects.toThrow(
      /in epoch 1/,
    );
    expect(await store.load()).not.toBeNull();
  });
});

describe('what the gradient is divided by', () => {
  const data = cutInto([labelledAt(10, [1, 2, 9])], { sizes: [3], tells: false });

  test.each([
    [
      'the losses of the whole sequence, where the source tells them',
      { data: cutInto([labelledAt(10, [1, 2, 9])], told) },
      [12, 12],
    ],
    ['else those of a full update, masked or not', { data }, [16, 16]],
    ['its own, if it is the only update', { data, strategy: truncatedBptt({ updateEvery: 10 }) }, [12]],
    ['its own, of full sequences', { data, strategy: fullBptt() }, [12]],
    [
      'of a strategy that drops losses, those of the steps it keeps',
      { data, strategy: strategies['last losses alone'] as Strategy },
      [4, 4],
    ],
    ['what was given', { data, normaliser: 7.5 }, [7.5, 7.5]],
  ] as const)('%s', async (_name, changes, expected) => {
    const { steps } = await train({ strategy: chunks, ...changes });
    expect(steps.map(({ normaliser }) => normaliser)).toEqual(expected);
  });

  test('windows tell their losses', async () => {
    const series = Float64Array.from({ length: 24 }, (_, index) => Math.sin(index));
    const two = Array.from(series, (value) => [value, -value]);
    const { steps } = await train({
      strategy: chunks,
      data: windows(two, { length: 10, batch: 2 }),
    });
    expect(steps.map(({ normaliser }) => normaliser)).toEqual([40, 40, 40, 6]);
    expect(steps.map(({ items }) => items)).toEqual([16, 16, 8, 6]);
  });

  test('makes no sense otherwise, and is refused', async () => {
    for (const normaliser of [0, -1, NaN, Infinity])
      await expect(train({ strategy: chunks, data, normaliser })).rejects.toThrow(
        /normaliser .* must be a finite number above 0/,
      );
    await expect(train({ strategy: chunks, data, normaliser: '3' as unknown as number })).rejects.toThrow(/normaliser/);
    for (const count of [NaN, -1]) {
      const counting = { ...model, lossWeight: () => full([], count) };
      await expect(train({ task: counting, strategy: chunks, data })).rejects.toThrow(
        /lossWeight .* must be a count of losses/,
      );
    }
    const saying = (items: readonly (number | undefined)[]): DataSource<SequenceStretch> => ({
      ...data,
      async *open(...args) {
        let at = 0;
        for await (const { stretch, ends } of data.open(...args)) {
          const said = items[at++ % items.length];
          yield { stretch, ends, ...(said === undefined ? {} : { items: said }) };
        }
      },
    });
    await expect(train({ strategy: chunks, data: saying([6, 4]) })).rejects.toThrow(
      /losses of the WHOLE sequence .* one says 4, and one before it said 6/,
    );
    await expect(train({ strategy: chunks, data: saying([undefined, 4]) })).rejects.toThrow(/said nothing/);
    for (const items of [-1, NaN, Infinity])
      await expect(train({ strategy: chunks, data: saying([items]) })).rejects.toThrow(/finite number ≥ 0, but are/);
  });
});

test('a label at the end is learnt alike however its sequence is cut', async () => {
  // Rows whose values are above or below 0 on average: the class is asked at the last step alone.
  const [time, batch] = [40, 4];
  const sign = (row: number): number => (row % 2 === 0 ? 1 : -1);
  const classes: SequenceModel = sequenceModel({
    input: { features: 1 },
    hidden: 4,
    outputs: 2,
    loss: 'crossEntropy',
  });
  const source = (steps: number): DataSource<SequenceStretch> => ({
    stretches: time / steps,
    async *open({ index }, options) {
      for (let at = index; at < time / steps; at++) {
        const stretch = scope(() => {
          const cells = Array.from({ length: steps * batch }, (_, cell) => [
            at * steps + Math.floor(cell / batch),
            cell % batch,
          ]);
          const inputs = cells.map(([t = 0, row = 0]) => sign(row) * 0.3 + Math.sin(t * 1.7 + row));
          const targets = cells.map(([t = 0, row = 0]) => (t === time - 1 ? row % 2 : -1));
          return keep({
            inputs: fromArray(inputs, [steps, batch, 1], options),
            targets: fromArray(targets, [steps, batch], { ...options, dtype: 'i32' }),
          });
        });
        yield { stretch, ends: at === time / steps - 1, items: batch };
      }
    },
  });
  const losses = async (steps: number): Promise<number[]> => {
    const params = scope(() => keep(classes.init(key(1), { dtype: 'f64' })));
    const strategy = truncatedBptt({ updateEvery: 10 });
    const optimiser = adam({ learningRate: 0.05 });
    const taken = await all(fit({ task: classes, params, data: source(steps), strategy, optimiser, epochs: 40 }));
    disposeTree(params);
    expect(new Set(taken.map(({ skipped }) => skipped))).toEqual(new Set([3]));
    return taken.map(({ loss }) => loss);
  };
  const whole = await losses(40);
  expect(whole.at(-1)).toBeLessThan(0.01);
  for (const steps of [20, 10, 5]) expectClose(await losses(steps), whole, 1e-12);
});

function labelSteps({ mask }: Sequence): Set<number> {
  return new Set(mask.flatMap((counts, at) => (counts === 1 ? [Math.floor(at / 2)] : [])));
}
