import {
  add,
  disposeTree,
  fromArray,
  fullBptt,
  key,
  mul,
  normal,
  scope,
  select,
  sliceAxis,
  tensor,
  treeEntries,
  treeLeaves,
  treeMap,
  treeZip,
  truncatedBptt,
  valueAndGrad,
  type Tensor,
} from '@tempograd/core';
import { checkTask } from '@tempograd/conformance';
import { describe, expect, it } from 'vitest';
import {
  lengthsToMask,
  sequenceModel,
  type SequenceModel,
  type SequenceModelCarry,
  type SequenceModelConfig,
  type SequenceModelParams,
  type SequenceStretch,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';

const f64 = { dtype: 'f64' } as const;
const i32 = { dtype: 'i32' } as const;
const poolings = ['last', 'mean', 'max', 'attention'] as const;
const base = { input: { features: 2 }, hidden: 3, outputs: 4, loss: 'crossEntropy' } as const;

/** Attention with a query that is not zero, so that steps weigh differently. */
function paramsOf(model: SequenceModel): SequenceModelParams {
  const params = model.init(key(1), f64);
  if (params.pooling === undefined) return params;
  return { ...params, pooling: { query: mul(normal(key(9), params.pooling.query.shape, f64), 3) } };
}

/** Masks with holes, a first step that is masked, a row that has nothing and a row that has one step. */
const holes = [
  [1, 0, 0, 0],
  [1, 1, 0, 0],
  [0, 1, 0, 1],
  [1, 0, 0, 0],
  [1, 1, 0, 0],
];
const [time, batch] = [5, 4];

function stretchOf(masked: boolean): SequenceStretch {
  const targets = fromArray(
    Int32Array.from({ length: time * batch }, (_, index) => index % 4),
    [time, batch],
    i32,
  );
  return { inputs: normal(key(3), [time, batch, 2], f64), targets, ...(masked ? { mask: tensor(holes, i32) } : {}) };
}

const whole = { from: 0, key: null };

describe.each(poolings)('%s pooling', (pooling) => {
  withFreshBackend();

  const classes = { ...base, pooling };
  it.each([
    ['lstm', false, classes],
    [
      'two layers of gru, a learned carry, masks with holes',
      true,
      { ...classes, cell: 'gru', layers: 2, learnedCarry: true },
    ],
    ['both directions, masks with holes', true, { ...classes, bidirectional: true }],
    [
      'dropout, layer norm, residual, masks',
      true,
      { ...classes, layers: 2, dropout: 0.3, layerNorm: true, residual: true },
    ],
  ] as [string, boolean, SequenceModelConfig][])(
    'keeps all that a task promises: %s',
    async (_name, masked, config) => {
      const model = sequenceModel(config);
      const { params, stretch } = scope(() => ({ params: paramsOf(model), stretch: stretchOf(masked) }));
      const { kept } = await checkTask(model, params, stretch);
      expect(kept).toContain('the gradient is the derivative');
      expect(kept.includes('a whole equals its parts')).toBe(config.bidirectional !== true);
      disposeTree([params, stretch]);
    },
  );

  it('is what it says at every step, and what lies at masked steps does not matter, were it NaN', () =>
    scope(() => {
      for (const bidirectional of [false, true]) {
        const plain = sequenceModel({ ...base, bidirectional });
        const model = sequenceModel({ ...base, bidirectional, pooling });
        const params = paramsOf(model);
        const query = params.pooling?.query.readSync() ?? [];
        for (const mask of [null, holes, holes.map((row) => row.map(() => 0))]) {
          const { inputs } = stretchOf(false);
          const valid = mask && tensor(mask, i32);
          const { output } = plain.forward(params, plain.initialCarry(params, batch), { inputs, mask: valid }, whole);
          const steps = output.readSync();
          const read = { inputs: spoilt(inputs, mask), mask: valid };
          const pooled = model.forward(params, model.initialCarry(params), read, whole);
          const size = output.shape[2] as number;
          expectClose(pooled.output, pooledByHand(pooling, steps, mask, size, query, bidirectional), 1e-12, pooling);
        }
      }
    }));

  it('gives the gradient that is there without padding, and none to what lies there', () =>
    scope(() => {
      const model = sequenceModel({ ...base, pooling });
      const params = paramsOf(model);
      const lengths = [5, 2, 1, 4];
      const mask = lengthsToMask(lengths, time);
      const marks = [...mask.readSync()];
      const values = normal(key(3), [time, batch, 2], f64);
      const rows = Array.from({ length: time }, (_, t) => marks.slice(t * batch, (t + 1) * batch));
      const lossMask = tensor(
        rows.map((row, t) => row.map((_, b) => Number(t === (lengths[b] as number) - 1))),
        i32,
      );
      const targets = stretchOf(false).targets;
      const loss = (p: SequenceModelParams, stretch: SequenceStretch): Tensor =>
        model.loss(p, model.forward(p, model.initialCarry(p, stretch), stretch, whole).output, stretch, whole);
      const padded = valueAndGrad((p: SequenceModelParams) =>
        loss(p, { inputs: spoilt(values, rows), targets, mask, lossMask }),
      )(params);
      const alone = valueAndGrad((p: SequenceModelParams) =>
        lengths
          .map((length, b) => {
            const own = (x: Tensor): Tensor => sliceAxis(sliceAxis(x, 0, length), b, b + 1, 1);
            return loss(p, { inputs: own(values), targets: own(targets), lossMask: own(lossMask) });
          })
          .reduce((sum, each) => add(sum, each)),
      )(params);
      expectClose(padded.value, alone.value.readSync(), 1e-12, 'loss');
      const wanted = treeEntries(alone.gradient);
      treeEntries(padded.gradient).forEach(([path, leaf], index) => {
        expectClose(leaf, wanted[index]?.[1].readSync() as Float64Array, 1e-12, path);
      });
    }));
});

/** NaN at masked steps. */
function spoilt(x: Tensor, mask: readonly (readonly number[])[] | null): Tensor {
  if (mask === null) return x;
  const spoil = mask.map((row) => row.map((valid) => [0, 1].map(() => Number(valid === 0))));
  return select(tensor(spoil, i32), NaN, x);
}

/** The same from its definition, of the outputs `[time, batch, size]`. */
function pooledByHand(
  pooling: (typeof poolings)[number],
  steps: ArrayLike<number>,
  mask: readonly (readonly number[])[] | null,
  size: number,
  query: ArrayLike<number>,
  bidirectional: boolean,
): number[] {
  const at = (t: number, b: number, f: number): number => steps[(t * batch + b) * size + f] as number;
  const score = (t: number, b: number): number =>
    Array.from({ length: size }, (_, f) => at(t, b, f) * (query[f] ?? 0)).reduce((sum, x) => sum + x);
  const results: number[] = [];
  for (let t = 0; t < time; t++) {
    for (let b = 0; b < batch; b++) {
      const valid = Array.from({ length: t + 1 }, (_, step) => step).filter((step) => mask?.[step]?.[b] !== 0);
      for (let f = 0; f < size; f++) {
        const values = valid.map((step) => at(step, b, f));
        const weights = valid.map((step) => Math.exp(score(step, b)));
        const total = weights.reduce((sum, w) => sum + w, 0);
        const backward = bidirectional && f >= size / 2;
        const pooled = {
          last: () => values.at(backward ? 0 : -1) as number,
          mean: () => values.reduce((sum, x) => sum + x) / values.length,
          max: () => Math.max(...values),
          attention: () => values.reduce((sum, x, index) => sum + x * ((weights[index] as number) / total), 0),
        };
        results.push(values.length === 0 ? 0 : pooled[pooling]());
      }
    }
  }
  return results;
}

describe('pooling', () => {
  withFreshBackend();

  it.each(poolings)('%s: one step and one row, and parts of a stretch of any length, to the bit', (pooling) =>
    scope(() => {
      const model = sequenceModel({ ...base, pooling });
      const params = paramsOf(model);
      const { inputs, mask } = stretchOf(true);
      const run = (ends: readonly number[], rows: number): number[] => {
        let carry = model.initialCarry(params, 1);
        let from = 0;
        const outputs: number[] = [];
        for (const to of ends) {
          const cut = (x: Tensor): Tensor => sliceAxis(sliceAxis(x, from, to), 0, rows, 1);
          const part = { inputs: cut(inputs), mask: cut(mask as Tensor) };
          const result = model.forward(params, carry, part, { from, key: null });
          outputs.push(...result.output.readSync());
          [carry, from] = [result.carry, to];
        }
        return [...outputs, ...treeLeaves(carry).flatMap((leaf) => [...leaf.readSync()])];
      };
      for (const rows of [1, batch]) {
        const all = run([time], rows);
        for (const ends of [
          [1, 2, 3, 4, 5],
          [2, 5],
          [4, 5],
        ])
          expect(run(ends, rows)).toEqual(all);
      }
    }),
  );

  it('joins carries of several rows, and takes rows of one', () =>
    scope(() => {
      for (const pooling of poolings) {
        const model = sequenceModel({ ...base, pooling });
        const params = paramsOf(model);
        const inputs = normal(key(3), [time, 2, 2], f64);
        const context = { from: 0, key: null };
        const both = model.forward(params, model.initialCarry(params), { inputs }, context).carry;
        const each = [0, 1].map((b) => {
          const own = { inputs: sliceAxis(inputs, b, b + 1, 1) };
          return model.forward(params, model.initialCarry(params), own, context).carry;
        });
        const numbers = (carry: unknown): number[] => treeLeaves(carry).flatMap((leaf) => [...leaf.readSync()]);
        expect(numbers(model.joinCarries(each))).toEqual(numbers(both));
        expect(numbers(model.takeRows(both, [1]))).toEqual(numbers(each[1]));
      }
    }));

  it('max: equal outputs give their gradient to the earliest, so that no cut changes it', () =>
    scope(() => {
      // A ReLU recurrence is 0 at many steps.
      const model = sequenceModel({ ...base, cell: 'rnnRelu', hidden: 6, pooling: 'max' });
      const params = model.init(key(1), f64);
      const stretch = stretchOf(false);
      const sums = [fullBptt(), truncatedBptt({ updateEvery: 2, backwardSteps: 8 })].map((strategy) => {
        const run = strategy.start(model, {});
        let total: SequenceModelParams | null = null;
        for (const updates of [run.push(params, stretch), run.finish(params)]) {
          for (const { gradient } of updates) {
            const before: SequenceModelParams | null = total;
            total = before === null ? treeMap(gradient, (leaf) => add(leaf, 0)) : treeZip(before, gradient, add);
          }
        }
        run.dispose();
        return treeEntries(total);
      });
      sums[0]?.forEach(([path, leaf], index) =>
        expectClose(leaf, sums[1]?.[index]?.[1].readSync() as Float64Array, 1e-12, path),
      );
    }));

  it('attention weighs scores of any size without overflow', () =>
    scope(() => {
      const model = sequenceModel({ ...base, pooling: 'attention' });
      const params = model.init(key(1), { dtype: 'f32' });
      const query = tensor([1e30, -1e30, 1e30]);
      const inputs = normal(key(3), [time, batch, 2]);
      for (const mask of [null, tensor(holes, i32)]) {
        const stretch = { inputs, targets: stretchOf(false).targets, mask };
        const { value, gradient } = valueAndGrad((p: SequenceModelParams) =>
          model.loss(p, model.forward(p, model.initialCarry(p), stretch, whole).output, stretch, whole),
        )({ ...params, pooling: { query } });
        expect(Number.isFinite(value.readSync()[0])).toBe(true);
        for (const [path, leaf] of treeEntries(gradient.rnn)) {
          expect([...leaf.readSync()].every(Number.isFinite), path).toBe(true);
        }
      }
    }));

  it('refuses a carry of a model that does not pool, and accumulators of other sizes', () =>
    scope(() => {
      const model = sequenceModel({ ...base, pooling: 'mean' });
      const params = model.init(key(1), f64);
      const { inputs } = stretchOf(false);
      const run = (carry: unknown) => () => model.forward(params, carry as SequenceModelCarry, { inputs }, whole);
      expect(run(sequenceModel(base).initialCarry(params))).toThrow(
        'the carry of a model that pools is { rnn, pooling }',
      );
      expect(run(sequenceModel({ ...base, pooling: 'max' }).initialCarry(params))).toThrow('no "sum"');
      expect(run(model.initialCarry(params, 3))).toThrow('[layers · directions, batch, hidden]');
    }));
});
