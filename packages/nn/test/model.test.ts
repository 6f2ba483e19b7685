import {
  add,
  currentBackend,
  disposeTree,
  fromArray,
  fullBptt,
  grad,
  keep,
  key,
  normal,
  recordPaths,
  scope,
  sigmoid,
  treeEntries,
  treeMap,
  treeZip,
  truncatedBptt,
  useBackend,
  type Strategy,
  type Tensor,
  treeLeaves,
} from '@tempograd/core';
import { createBackend } from '@tempograd/backend-js';
import { describe, expect, it } from 'vitest';
import {
  adam,
  charModel,
  clipByGlobalNorm,
  lengthsToMask,
  normalise,
  normaliser,
  readSafetensors,
  readTree,
  requireTensors,
  SafetensorsError,
  sequenceModel,
  writeSafetensors,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
  type SequenceStretch,
} from '../src/index.js';
import { storedModel } from '../src/model/storedModel.js';
import { expectClose, withFreshBackend } from './support/close.js';

const f64 = { dtype: 'f64' } as const;
const tokens = (time: number, batch: number, from = 0): Tensor =>
  fromArray(
    Array.from({ length: time * batch }, (_, index) => (from + Math.floor(index / batch) + (index % batch)) % 5),
    [time, batch],
    { dtype: 'i32' },
  );
const textStretch = (time: number, batch: number): SequenceStretch => ({
  inputs: tokens(time, batch),
  targets: tokens(time, batch, 1),
});

/** The gradient of the whole loss, by one differentiation through `forward` and `loss`. */
function wholeGradient(
  model: SequenceModel,
  params: SequenceModelParams,
  stretch: SequenceStretch,
  seed: number | null,
): SequenceModelParams {
  const context = { from: 0, key: seed === null ? null : key(seed) };
  return grad((p: SequenceModelParams) =>
    model.loss(p, model.forward(p, model.initialCarry(p), stretch, context).output, stretch, context),
  )(params);
}

/** The sum of a strategy's updates. */
function summed(
  strategy: Strategy,
  model: SequenceModel,
  params: SequenceModelParams,
  stretch: SequenceStretch,
  seed: number | null,
) {
  const run = strategy.start(model, { key: seed === null ? null : key(seed) });
  let total: SequenceModelParams | null = null;
  const take = (gradient: SequenceModelParams): void => {
    const next: SequenceModelParams = scope(() =>
      total === null ? treeMap(gradient, (leaf) => add(leaf, 0)) : treeZip(total, gradient, add),
    );
    total = next;
  };
  for (const { gradient } of run.push(params, stretch)) take(gradient);
  for (const { gradient } of run.finish(params)) take(gradient);
  run.dispose();
  return total as SequenceModelParams | null;
}

const configs: Record<string, SequenceModelConfig> = {
  'lstm over characters': { input: { vocabulary: 5, embedding: 3 }, hidden: 4, layers: 2, dropout: 0.3, outputs: 5 },
  'gru, tied, learned carry': {
    cell: 'gru',
    input: { vocabulary: 5, embedding: 4 },
    hidden: 4,
    outputs: 5,
    tieWeights: true,
    learnedCarry: true,
    labelSmoothing: 0.1,
    dropout: 0.2,
  },
  'rnn regression': { cell: 'rnnTanh', input: { features: 2 }, hidden: 4, outputs: 3 },
  'relu rnn, yes or no': { cell: 'rnnRelu', input: { features: 2 }, hidden: 4, outputs: 3, loss: 'binaryCrossEntropy' },
};

function stretchFor(config: SequenceModelConfig, time: number, batch: number): SequenceStretch {
  const mask = lengthsToMask(
    Array.from({ length: batch }, (_, row) => time - row),
    time,
  );
  if ('vocabulary' in config.input) return { ...textStretch(time, batch), mask };
  const numbers = normal(key(6), [time, batch, 3], f64);
  const targets = config.loss === 'binaryCrossEntropy' ? sigmoid(numbers) : numbers;
  return { inputs: normal(key(5), [time, batch, 2], f64), targets, mask };
}

describe('sequence models are tasks', () => {
  withFreshBackend();

  for (const [name, config] of Object.entries(configs)) {
    it(`${name}: full and long-windowed BPTT, dropout included, give the gradient of the whole`, () =>
      scope(() => {
        const model = sequenceModel(config);
        const params = model.init(key(1), f64);
        const stretch = stretchFor(config, 7, 3);
        const whole = wholeGradient(model, params, stretch, 3);
        const strategies = [fullBptt(), truncatedBptt({ updateEvery: 2, backwardSteps: 8 })];
        for (const strategy of strategies) {
          const total = summed(strategy, model, params, stretch, 3) as SequenceModelParams;
          const wanted = treeLeaves(whole);
          treeEntries(total).forEach(([path, leaf], index) => {
            expectClose(leaf, wanted[index]!.readSync(), 1e-12, `${strategy.name} ${path}`);
          });
        }
        const short = summed(
          truncatedBptt({ updateEvery: 2, backwardSteps: 2 }),
          model,
          params,
          stretch,
          3,
        ) as SequenceModelParams;
        expect(short.rnn.weight_hh_l0?.readSync()).not.toEqual(whole.rnn.weight_hh_l0?.readSync());
      }));

    it(`${name}: is made again from its configuration as JSON`, () =>
      scope(() => {
        const model = sequenceModel(config);
        const again = sequenceModel(JSON.parse(JSON.stringify(model.config)) as SequenceModelConfig);
        expect(again.config).toEqual(model.config);
        const values = (m: SequenceModel) =>
          treeEntries(m.init(key(4))).map(([path, leaf]) => [path, [...leaf.readSync()]]);
        expect(values(again)).toEqual(values(model));
      }));
  }

  it.each(Object.entries(configs))('%s: says what its parameters are without making them', (_, config) =>
    scope(() => {
      const model = sequenceModel(config);
      const made = treeEntries(model.init(key(1))).map(([path, { shape, dtype }]) => [
        path,
        { shape: [...shape], dtype },
      ]);
      expect(Object.fromEntries(model.parameters())).toEqual(Object.fromEntries(made));
    }),
  );

  it('of any size can be compared with a file before it is made', () => {
    const file = {
      tensors: new Map([['head.bias', { dtype: 'f32', shape: [2], data: new Float32Array(2) }]] as const),
      metadata: {},
    };
    for (const [sizes, message] of [
      [{ layers: 2 ** 52 }, /missing in the file: head\.weight, rnn\.weight_ih_l0, .*rnn\.bias_ih_l4 and more\./],
      [{ hidden: 2 ** 40 }, /missing in the file: head\.weight, rnn\.weight_ih_l0, .*rnn\.bias_hh_l0\./],
    ] as const) {
      const model = sequenceModel({ input: { features: 3 }, hidden: 4, outputs: 2, ...sizes });
      expect(() => requireTensors(model.parameters(), file)).toThrow(SafetensorsError);
      expect(() => requireTensors(model.parameters(), file)).toThrow(message);
    }
  });

  it.each(Object.entries(configs))('%s: comes back from a file of its own', async (_, config) => {
    const model = sequenceModel(config);
    const params = scope(() => keep(model.init(key(7))));
    const metadata = { config: JSON.stringify(model.config) };
    const file = readSafetensors(writeSafetensors(await readTree(params), metadata));
    const read = storedModel(file);
    expect(read.model.config).toEqual(model.config);
    expect(await readTree(read.params)).toEqual(file.tensors);
    const buffers = currentBackend().memory().buffers;
    for (const [changed, message] of [
      [{}, /have no "config"/],
      [{ config: '{' }, /configuration cannot be used/],
      [{ config: '[[[[]]]]' }, /configuration cannot be used: it is nested more than 3 deep/],
      [{ config: 'null' }, /configuration cannot be used/],
      [{ config: metadata.config.replace('"hidden"', '"hiden"') }, /configuration cannot be used/],
      [
        { config: JSON.stringify({ ...model.config, layers: 2 ** 40 }) },
        /does not match its own configuration, .*1099511627776/,
      ],
    ] as const) {
      expect(() => storedModel({ ...file, metadata: changed })).toThrow(SafetensorsError);
      expect(() => storedModel({ ...file, metadata: changed })).toThrow(message);
    }
    expect(currentBackend().memory().buffers).toBe(buffers);
    disposeTree([params, read.params]);
  });

  it('counts the losses it sums', () =>
    scope(() => {
      const model = charModel({ vocabulary: 5, embedding: 3, hidden: 4, ignoreIndex: 0 });
      const stretch = textStretch(5, 2);
      expect(model.lossWeight(stretch).readSync()[0]).toBe(8);
      expect(model.lossWeight({ ...stretch, mask: lengthsToMask([5, 0], 5) }).readSync()[0]).toBe(4);
      const config = configs['rnn regression'] as SequenceModelConfig;
      expect(
        sequenceModel(config)
          .lossWeight(stretchFor(config, 4, 2))
          .readSync()[0],
      ).toBe(21);
    }));

  it('trains on fused ops alone where the backend has them', () =>
    scope(() => {
      const model = charModel({ vocabulary: 5, embedding: 3, hidden: 4, layers: 2 });
      const params = model.init(key(1));
      const optimiser = adam({ learningRate: 0.1 });
      const state = optimiser.init(params);
      const run = truncatedBptt({ updateEvery: 3, backwardSteps: 3 }).start(model);
      const { paths } = recordPaths(() => {
        for (const { gradient } of run.push(params, textStretch(9, 2))) {
          optimiser.update(params, gradient, state, { scale: clipByGlobalNorm(gradient, 1).scale });
        }
      });
      run.dispose();
      expect(paths.filter(({ path }) => path === 'composed')).toEqual([]);
      const families = ['adam', 'globalNorm', 'linear', 'recurrent', 'softmaxCrossEntropy'];
      expect([...new Set(paths.map(({ family }) => family))].sort()).toEqual(families);
    }));

  it('have the parameters of the tied head once', () =>
    scope(() => {
      const params = sequenceModel(configs['gru, tied, learned carry'] as SequenceModelConfig).init(key(1));
      expect(treeEntries(params).map(([path]) => path)).toEqual([
        'embedding.weight',
        'rnn.weight_ih_l0',
        'rnn.weight_hh_l0',
        'rnn.bias_ih_l0',
        'rnn.bias_hh_l0',
        'rnn.h0',
        'head.bias',
      ]);
    }));

  it('a bidirectional one may not be cut', () => {
    const input = { vocabulary: 5, embedding: 3 };
    const model = sequenceModel({ input, hidden: 4, outputs: 2, bidirectional: true });
    expect(model.causal).toBe(false);
    expect(() => truncatedBptt({ updateEvery: 2, backwardSteps: 2 }).start(model)).toThrow(/cannot be cut/);
  });

  it('refuse configurations that make no sense, in words', () => {
    const good = { vocabulary: 5, embedding: 3, hidden: 4 };
    const refused: [() => unknown, RegExp][] = [
      [() => charModel({ ...good, hidden: 0 }), /hidden must be a whole number ≥ 1, but is 0/],
      [() => charModel({ ...good, vocabulary: Number.NaN }), /vocabulary must be/],
      [() => charModel({ ...good, layers: 1.5 }), /layers/],
      [() => charModel({ ...good, cell: 'lstn' as 'lstm' }), /no cell "lstn"; choose one of lstm, gru/],
      [() => charModel({ ...good, bidirectional: true }), /reads what it is to predict.*Leave bidirectional out/],
      [() => charModel({ ...good, cell: 'GRU' as 'gru' }), /no cell "GRU".*Did you mean "gru"\?/],
      [() => charModel({ ...good, cell: 'RNN' as 'gru' }), /Did you mean "rnnTanh"\?/],
      [() => charModel({ ...good, pooling: 'avg' as 'mean' }), /Did you mean "mean"\?/],
      [() => charModel({ ...good, dropout: 1 }), /dropout/],
      [() => charModel({ ...good, labelSmoothing: 1 }), /labelSmoothing/],
      [() => charModel({ ...good, tieWeights: true }), /embedding = the last layer's output size.*3, 4/],
      [() => sequenceModel({ input: { features: 2 }, hidden: 4, outputs: 1, tieWeights: true }), /needs an embedding/],
      [() => sequenceModel({ input: { features: 2 }, hidden: 4, outputs: 1, labelSmoothing: 0.1 }), /for crossEntropy/],
      [() => sequenceModel({ input: { features: 2 }, hidden: 4, outputs: 1, ignoreIndex: 1 }), /use a mask/],
      [
        () => sequenceModel({ input: { features: 2 }, hidden: 4, outputs: 1, loss: 'hinge' as 'crossEntropy' }),
        /no loss "hinge"/,
      ],
      [
        () => sequenceModel({ input: { features: 2 }, hidden: 4, outputs: 1, loss: 'mse' as 'crossEntropy' }),
        /no loss "mse".*Did you mean "meanSquaredError"\?/,
      ],
      [
        () => sequenceModel({ hidden: 4, outputs: 1 } as unknown as SequenceModelConfig),
        /input is missing; it must be { vocabulary/,
      ],
    ];
    for (const [make, message] of refused) expect(make).toThrow(message);
  });
});

describe('training by hand', () => {
  it('learns a sequence, in steady memory, and leaves nothing', () => {
    const backend = createBackend();
    useBackend(backend);
    const model = charModel({ vocabulary: 5, embedding: 8, hidden: 16 });
    const { params, state, stretch } = scope(() => {
      const made = keep(model.init(key(1)));
      const optimiser = adam({ learningRate: 0.02 }).init(made);
      return { params: made, state: { step: 0, moments: keep(optimiser.moments) }, stretch: keep(textStretch(200, 4)) };
    });
    const optimiser = adam({ learningRate: 0.02 });
    const run = truncatedBptt({ updateEvery: 10, backwardSteps: 10 }).start(model);
    const losses: number[] = [];
    const buffers: number[] = [];
    for (const { gradient, loss, lossSteps } of run.push(params, stretch)) {
      scope(() => {
        const weight = fromArray([4 * (lossSteps.to - lossSteps.from)], []);
        losses.push(normalise(loss, weight).readSync()[0] as number);
        const { norm, scale } = clipByGlobalNorm(gradient, 1, normaliser(weight));
        expect(Number.isFinite(norm.readSync()[0])).toBe(true);
        optimiser.update(params, gradient, state, { scale });
      });
      buffers.push(backend.memory().buffers);
    }
    expect(losses.length).toBe(20);
    expect(losses[0]).toBeCloseTo(Math.log(5), 0);
    expect(losses.at(-1)).toBeLessThan(0.3);
    expect(new Set(buffers.slice(1)).size).toBe(1);
    run.dispose();
    disposeTree([params, state.moments, stretch]);
    expect(backend.memory().buffers).toBe(0);
  });
});
