import { readFileSync } from 'node:fs';
import { createBackend } from '@tempograd/backend-js';
import {
  fromArray,
  fullBptt,
  keep,
  key,
  mul,
  ones,
  scalar,
  sum,
  tensor,
  useBackend,
  type StepContext,
  type Tensor,
} from '@tempograd/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  accuracy,
  bitsPerCharacter,
  confusionMatrix,
  evaluate,
  f1Score,
  fit,
  fitScaler,
  mae,
  mase,
  perplexity,
  precision,
  recall,
  rmse,
  sequenceModel,
  sgd,
  topKAccuracy,
  type DataSource,
  type Metric,
  type Metrics,
  type PredictionKind,
  type ScoredItems,
  type SequenceModel,
  type SequenceStretch,
  type TrainableTask,
} from '../../src/index.js';

type Nested = number | readonly Nested[];
type Averages = Readonly<Record<'macro' | 'weighted' | 'micro', number>>;

/** Figures of scikit-learn; `golden/metrics.py` made them. */
const golden = JSON.parse(readFileSync(new URL('../golden/metrics.json', import.meta.url), 'utf8')) as {
  mask: number[][];
  classes: { logits: number[][][]; targets: number[][]; accuracy: number; top2: number; confusion: number[][] } & {
    precision: Averages & { of1: number };
    recall: Averages & { of1: number };
    f1: Averages & { of1: number };
    logLoss: number;
  };
  binary: { logits: number[][][]; targets: number[][][]; accuracy: number; f1: Averages };
  numbers: { predictions: number[][][]; targets: number[][][]; training: number[][]; season: number } & Readonly<
    Record<'mae' | 'rmse' | 'mase', number>
  >;
};

interface Stretch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
  readonly mask: Tensor | null;
}

/** What it predicts is what it is given. */
function echo(kind: PredictionKind): TrainableTask<{ one: Tensor }, Tensor, Stretch, Tensor> {
  return {
    initialCarry: () => scalar(0, { dtype: 'f64' }),
    forward: (params, carry, { inputs }) => ({ carry, output: mul(inputs, params.one) }),
    loss: (_params, output) => sum(output),
    scored: (_params, output, { targets, mask }) => ({ kind, predictions: output, targets, mask }),
  };
}

/** Values `[time, batch, …]`, cut in time at `cuts`, and in batches of `batch` rows. */
function cutUp(
  kind: PredictionKind,
  { values, targets, mask }: { values: Nested; targets: Nested; mask: Nested | null },
  cuts: readonly number[] = [],
  batch = Infinity,
): DataSource<Stretch> {
  const pick = (rows: readonly Nested[], from: number, to: number, first: number): Nested[] =>
    rows.slice(from, to).map((step) => (step as readonly Nested[]).slice(first, first + batch));
  return {
    stretches: null,
    async *open() {
      const all = values as readonly Nested[];
      const width = (all[0] as readonly Nested[]).length;
      const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), all.length];
      for (let first = 0; first < width; first += batch)
        for (const [at, from] of edges.slice(0, -1).entries()) {
          const to = edges[at + 1] as number;
          if (from === to) continue;
          const part = (from_: Nested, dtype: 'f64' | 'i32'): Tensor =>
            keep(tensor(pick(from_ as readonly Nested[], from, to, first) as never, { dtype }));
          yield {
            stretch: {
              inputs: part(values, 'f64'),
              targets: part(targets, kind === 'classes' ? 'i32' : 'f64'),
              mask: mask === null ? null : part(mask, 'i32'),
            },
            ends: to === all.length,
          };
        }
    },
  };
}

const params = (): { one: Tensor } => ({ one: keep(scalar(1, { dtype: 'f64' })) });

async function figures<M extends Metrics>(kind: PredictionKind, data: DataSource<Stretch>, metrics: M) {
  return (await evaluate({ task: echo(kind), params: params(), data, metrics })).metrics;
}

const backend = createBackend();
beforeAll(() => useBackend(backend));

const all = ['macro', 'weighted', 'micro'] as const;
const averagesOf = (name: string, metric: typeof f1Score): Record<string, Metric> => ({
  ...Object.fromEntries(all.map((average) => [`${name}.${average}`, metric({ average })])),
  [`${name}.of1`]: metric({ of: 1 }),
});
const flat = (name: string, values: object): [string, number][] =>
  Object.entries(values).map(([average, value]) => [`${name}.${average}`, value as number]);

const cuts = fc.record({
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
  batch: fc.integer({ min: 1, max: 5 }),
});

describe('metrics, whatever the batches and stretches, are those of scikit-learn', () => {
  it('of classes', async () => {
    const { logits, targets, precision: p, recall: r, f1, ...wanted } = golden.classes;
    const metrics = {
      accuracy: accuracy(),
      top2: topKAccuracy({ k: 2 }),
      confusion: confusionMatrix(),
      perplexity: perplexity(),
      bits: bitsPerCharacter({ charactersPerItem: 2 }),
      ...averagesOf('precision', precision),
      ...averagesOf('recall', recall),
      ...averagesOf('f1', f1Score),
    };
    await fc.assert(
      fc.asyncProperty(cuts, async ({ cuts: at, batch }) => {
        const data = cutUp('classes', { values: logits, targets, mask: golden.mask }, at, batch);
        const found: Readonly<Record<string, unknown>> = await figures('classes', data, metrics);
        expect(found['confusion']).toEqual(wanted.confusion);
        const numbers = [
          ['accuracy', wanted.accuracy],
          ['top2', wanted.top2],
          ['perplexity', Math.exp(wanted.logLoss)],
          ['bits', wanted.logLoss / Math.LN2 / 2],
          ...flat('precision', p),
          ...flat('recall', r),
          ...flat('f1', f1),
        ] as const;
        for (const [name, value] of numbers) expect(found[name], name).toBeCloseTo(value, 12);
      }),
      { numRuns: 10 },
    );
  });

  it('of binary outputs', async () => {
    const { logits, targets, f1, accuracy: right } = golden.binary;
    const metrics = {
      accuracy: accuracy(),
      ...Object.fromEntries(all.map((average) => [`f1.${average}`, f1Score({ average })])),
    };
    await fc.assert(
      fc.asyncProperty(cuts, async ({ cuts: at, batch }) => {
        const data = cutUp('binary', { values: logits, targets, mask: golden.mask }, at, batch);
        const found: Readonly<Record<string, unknown>> = await figures('binary', data, metrics);
        for (const [name, value] of [['accuracy', right] as const, ...flat('f1', f1)])
          expect(found[name], name).toBeCloseTo(value, 12);
      }),
      { numRuns: 10 },
    );
  });

  it('of numbers', async () => {
    const { predictions, targets, training, season, ...wanted } = golden.numbers;
    await fc.assert(
      fc.asyncProperty(cuts, async ({ cuts: at, batch }) => {
        const data = cutUp('numbers', { values: predictions, targets, mask: golden.mask }, at, batch);
        const found = await figures('numbers', data, { mae: mae(), rmse: rmse(), mase: mase({ training, season }) });
        expect(found.mae).toBeCloseTo(wanted.mae, 12);
        expect(found.rmse).toBeCloseTo(wanted.rmse, 12);
        expect(found.mase).toBeCloseTo(wanted.mase, 12);
      }),
      { numRuns: 10 },
    );
  });
});

it('errors are measured in the units of a scaler', async () => {
  const scaler = { inverse: (values: Float64Array) => values.map((value) => 10 * value + 1) };
  const data = cutUp('numbers', { values: [[[1, 2]], [[3, 4]]], targets: [[[1, 3]], [[5, 4]]], mask: null });
  const metrics = {
    mae: mae({ scaler }),
    rmse: rmse({ scaler }),
    mase: mase({ training: [0, 10, 20], season: 1, scaler }),
  };
  const found = await figures('numbers', data, metrics);
  expect(found).toEqual({ mae: 7.5, rmse: Math.sqrt(125), mase: 0.75 });
});

it('a scaler of other channels than are predicted is refused, be the numbers as many as it likes', async () => {
  const scaler = fitScaler({ near: [0, 1], far: [0, 1000] });
  const data = cutUp('numbers', { values: [[[0.5]], [[1]]], targets: [[[0]], [[1]]], mask: null });
  for (const metric of [mae({ scaler }), rmse({ scaler }), mase({ training: [0, 1], season: 1, scaler })])
    await expect(figures('numbers', data, { metric })).rejects.toThrow(
      /scales 2 channels, but the model predicts 1 number a step.*scaler\.channel\('name'\)/,
    );
  const far = { far: mae({ scaler: scaler.channel('far') }) };
  expect((await figures('numbers', data, far)) as unknown).toEqual({ far: expect.closeTo(125, 9) as number });
});

describe('metrics', () => {
  const one = (values: Nested, targets: Nested, mask: Nested | null = null) =>
    cutUp('classes', { values, targets, mask });

  it('do not look at what a mask leaves out, were it NaN or no class', async () => {
    const data = one([[[0, 1]], [[NaN, NaN]]], [[1], [9]], [[1], [0]]);
    expect(await figures('classes', data, { accuracy: accuracy(), perplexity: perplexity() })).toEqual({
      accuracy: 1,
      perplexity: expect.closeTo(1 + Math.exp(-1), 12),
    });
  });

  it('of forecasts of many steps at once are measured against each channel', async () => {
    const data = cutUp('numbers', { values: [[[1, 20, 3, 40]]], targets: [[[2, 20, 1, 50]]], mask: null });
    const training = [
      [0, 0],
      [1, 10],
      [2, 20],
    ];
    const found = await figures('numbers', data, { mase: mase({ training, season: 1 }) });
    expect(found.mase).toBeCloseTo((1 + 0 + 2 + 1) / 4, 12);
  });

  it('count a prediction that is NaN as wrong', async () => {
    const data = one([[[NaN, 1]], [[0, 1]]], [[0], [1]]);
    const found = await figures('classes', data, {
      accuracy: accuracy(),
      top2: topKAccuracy({ k: 2 }),
      matrix: confusionMatrix(),
      recall: recall({ of: 0 }),
    });
    expect(found).toEqual({
      accuracy: 0.5,
      top2: 0.5,
      matrix: [
        [0, 0],
        [0, 1],
      ],
      recall: 0,
    });
  });

  it('take the lower of two classes that are equally likely', async () => {
    const data = one([[[1, 1, 1]], [[1, 1, 1]]], [[0], [2]]);
    const found = await figures('classes', data, { accuracy: accuracy(), top2: topKAccuracy({ k: 2 }) });
    expect(found).toEqual({ accuracy: 0.5, top2: 0.5 });
  });

  it('can be one of your own, which sees steps and rows', async () => {
    const lateErrors: Metric<number[]> = {
      start() {
        const wrong: number[] = [];
        return {
          add: ({ count, predictions, targets, steps }: ScoredItems) => {
            for (let item = 0; item < count; item++)
              if (predictions[item] !== targets[item]) wrong.push(steps[item] as number);
          },
          value: () => wrong,
        };
      },
    };
    const data = cutUp('numbers', { values: [[[1]], [[2]], [[3]]], targets: [[[1]], [[0]], [[0]]], mask: null }, [1]);
    expect(await figures('numbers', data, { lateErrors })).toEqual({ lateErrors: [1, 2] });
  });

  it('leave nothing behind', async () => {
    const held = params();
    const before = backend.memory();
    const data = one([[[0, 1]]], [[1]]);
    await evaluate({ task: echo('classes'), params: held, data, metrics: { accuracy: accuracy() } });
    expect(backend.memory().buffers).toBe(before.buffers);
  });

  it('of a sequence model leave out what its loss leaves out', async () => {
    const model = sequenceModel({
      input: { features: 2 },
      hidden: 3,
      outputs: 2,
      loss: 'crossEntropy',
      ignoreIndex: 1,
    });
    const weights = model.init(key(1));
    const stretch = () =>
      keep({
        inputs: fromArray([1, 2, 3, 4, 5, 6], [3, 1, 2]),
        targets: fromArray([1, 0, -1], [3, 1], { dtype: 'i32' }),
      });
    const data = { stretches: 1, open: async function* () { yield { stretch: stretch(), ends: true }; } }; // prettier-ignore
    const { items, loss, metrics } = await evaluate({
      task: model,
      params: weights,
      data,
      metrics: { matrix: confusionMatrix(), perplexity: perplexity() },
    });
    expect(items).toBe(1);
    expect(metrics.perplexity).toBeCloseTo(Math.exp(loss), 5);
    expect(metrics.matrix.flat().reduce((a, b) => a + b)).toBe(1);
  });
});

describe('a model whose loss and predictions are of one run of its head', () => {
  const data: DataSource<SequenceStretch<{ features: number }>> = {
    stretches: 1,
    async *open() {
      yield {
        stretch: keep({
          inputs: ones([4, 2, 3]),
          targets: fromArray([0, 4, 2, 1, 3, 3, 0, 2], [4, 2], { dtype: 'i32' }),
        }),
        ends: true,
      };
    },
  };
  const config = { input: { features: 3 }, hidden: 6, outputs: 5, loss: 'crossEntropy' } as const;
  const metrics = { accuracy: accuracy(), perplexity: perplexity() };

  /** How often an evaluation multiplies by the weights of the head. */
  async function headsIn(task: SequenceModel): Promise<number> {
    const real = createBackend();
    let heads = 0;
    const linearForward: typeof real.linearForward = (...args) => {
      if (args[1].shape.join() === '5,6') heads++;
      return real.linearForward!(...args);
    };
    useBackend({ ...real, linearForward });
    await evaluate({ task, params: task.init(key(1)), data, metrics });
    useBackend(backend);
    return heads;
  }

  it('gives the same as one after the other', async () => {
    const model = sequenceModel(config);
    const weights = model.init(key(1));
    const both = { ...model, loss: (...of: Parameters<typeof model.loss>) => model.loss(...of) };
    const [once, twice] = await Promise.all(
      [model, both].map((task) => evaluate({ task, params: weights, data, metrics })),
    );
    expect(once).toEqual(twice);
    expect(once!.loss).toBe((await evaluate({ task: model, params: weights, data })).loss);
  });

  it('runs it once, but not where another loss is given', async () => {
    const model = sequenceModel(config);
    const doubled = { ...model, loss: (...of: Parameters<typeof model.loss>) => mul(model.loss(...of), 2) };
    expect(await headsIn(model)).toBe(1);
    expect(await headsIn(doubled)).toBe(2);
    const [of, from] = await Promise.all(
      [doubled, model].map((task) => evaluate({ task, params: model.init(key(1)), data, metrics })),
    );
    expect(of!.loss).toBe(2 * from!.loss);
    expect(of!.metrics).toEqual(from!.metrics);
  });
});

describe('fit', () => {
  it('takes metrics of other data along the way', async () => {
    const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 2 });
    const data = {
      stretches: 1,
      async *open() {
        yield { stretch: keep({ inputs: ones([3, 1, 2]), targets: ones([3, 1, 2]) }), ends: true };
      },
    };
    const taken: number[] = [];
    const training = fit({
      task: model,
      params: model.init(key(1)),
      data,
      strategy: fullBptt(),
      optimiser: sgd({ learningRate: 0.1 }),
      epochs: 2,
      evaluate: { data, every: 1, metrics: { mae: mae(), rmse: rmse() } },
    });
    for await (const { evaluation } of training) {
      taken.push(evaluation!.metrics.mae);
      expect(evaluation!.metrics.rmse ** 2).toBeCloseTo(evaluation!.loss, 5);
    }
    expect(taken[1]).toBeLessThan(taken[0]!);
  });

  it('refuses what is no metric before it begins', () => {
    const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 2 });
    const data = { stretches: 1, async *open() {} };
    const options = {
      task: model,
      params: model.init(key(1)),
      data,
      strategy: fullBptt(),
      optimiser: sgd({ learningRate: 0.1 }),
    };
    expect(() => fit({ ...options, evaluate: { data, every: 1, metrics: { mae } as never } })).toThrow(
      /mae is no metric/,
    );
  });
});

describe('what cannot be measured is refused in words', () => {
  const data = cutUp('classes', { values: [[[0, 1]]], targets: [[1]], mask: null });
  const anything = (metrics: unknown): Promise<unknown> => figures('classes', data, metrics as Metrics);

  it.each([
    [
      'a metric that was not called',
      { accuracy },
      /accuracy is no metric. Call it, as in \{ accuracy: accuracy\(\) \}/,
    ],
    ['nothing', { accuracy: null }, /accuracy is no metric/],
    ['numbers of classes', { mae: mae() }, /the metric mae is for numbers, but the task predicts classes/],
    ['a class that is not there', { f1: f1Score({ of: 7 }) }, /of is 7, but the model predicts 2 classes, 0 to 1/],
  ])('%s', async (_what, metrics, message) => {
    await expect(anything(metrics)).rejects.toThrow(message);
  });

  it('a task without scored', async () => {
    const { scored: _, ...task } = echo('classes');
    await expect(evaluate({ task, params: params(), data, metrics: { accuracy: accuracy() } })).rejects.toThrow(
      /the metric accuracy needs a task that says what it predicts: give it scored/,
    );
  });

  it('a scored that gives something else', async () => {
    const task = { ...echo('classes'), scored: (_: unknown, output: Tensor) => ({ predictions: output }) as never };
    await expect(evaluate({ task, params: params(), data, metrics: { accuracy: accuracy() } })).rejects.toThrow(
      /must return \{ kind, predictions, targets, mask \}/,
    );
  });

  it('a class beyond those of the model, by its place', async () => {
    const wrong = cutUp('classes', { values: [[[0, 1]], [[0, 1]]], targets: [[1], [5]], mask: null }, [1]);
    await expect(figures('classes', wrong, { accuracy: accuracy() })).rejects.toThrow(
      /the target of step 1 in row 0 is class 5, but the model predicts 2 classes, 0 to 1/,
    );
  });

  it('shapes that do not fit', async () => {
    const task: TrainableTask<{ one: Tensor }, Tensor, Stretch, Tensor> = {
      ...echo('numbers'),
      scored: (_params, output: Tensor, { targets }: Stretch, _context: StepContext) => ({
        kind: 'numbers',
        predictions: output,
        targets,
        mask: null,
      }),
    };
    await expect(evaluate({ task, params: params(), data, metrics: { mae: mae() } })).rejects.toThrow(
      /predictions \[1, 1, 2\] of numbers need targets \[1, 1, 2\], but they are \[1, 1\]/,
    );
  });

  it.each([
    [
      'a season longer than the series',
      () => mase({ training: [1, 2], season: 2 }),
      /too few for a season of 2; 3 are needed/,
    ],
    [
      'a series that repeats itself',
      () => mase({ training: [1, 2, 1, 2], season: 2 }),
      /error of 0 .*repeats itself exactly; use mae/,
    ],
    [
      'a series with NaN',
      () => mase({ training: [1, NaN, 3], season: 1 }),
      /error of NaN .*Leave out what is not a number/,
    ],
    [
      'another number of channels',
      () =>
        mase({
          training: [
            [1, 2],
            [3, 5],
          ],
          season: 1,
        })
          .start()
          .add({ kind: 'numbers', outputs: 3 } as ScoredItems),
      /2 numbers a step, but the model predicts 3/,
    ],
    ['no k', () => topKAccuracy({ k: 0 }), /k must be a whole number ≥ 1, but is 0/],
    ['both of and average', () => f1Score({ of: 1, average: 'macro' }), /leave average out/],
    ['no characters', () => bitsPerCharacter({ charactersPerItem: 0 }), /must be a finite number above 0/],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(message);
  });
});
