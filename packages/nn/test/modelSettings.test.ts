import { fromArray, key, normal, scope, tensor, treeEntries, zeros, type Tensor } from '@tempograd/core';
import { checkTask } from '@tempograd/conformance';
import { describe, expect, it } from 'vitest';
import {
  crossEntropy,
  sequenceModel,
  type RecurrentLayerParams,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceStretch,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';

const f64 = { dtype: 'f64' } as const;
const i32 = { dtype: 'i32' } as const;
const [time, batch] = [4, 2];
const whole = { from: 0, key: null };
const items = (below: number, from = 0): Tensor =>
  fromArray(
    Array.from({ length: time * batch }, (_, index) => (from + index * 3) % below),
    [time, batch],
    i32,
  );
const numbers = (seed: number, size: number): Tensor => normal(key(seed), [time, batch, size], f64);

describe('several inputs by name', () => {
  withFreshBackend();
  const input = {
    weekday: { vocabulary: 7, embedding: 3 },
    values: { features: 2 },
    hour: { vocabulary: 24, embedding: 2 },
  };
  const model = sequenceModel({ input, hidden: 4, outputs: 2, dropout: 0.2 });
  const inputs = () => ({ weekday: items(7), values: numbers(1, 2), hour: items(24, 5) });

  it('are looked up, and put side by side in their order', () =>
    scope(() => {
      const params = model.init(key(1), f64);
      const { weekday, hour } = params.embedding as Record<string, { weight: Tensor }>;
      const table = (weight: Tensor, index: number): number[] => {
        const size = weight.shape[1] as number;
        return [...weight.readSync()].slice(index * size, (index + 1) * size);
      };
      const given = inputs();
      const values = [...given.values.readSync()];
      const vectors = Array.from({ length: time * batch }, (_, at) => [
        ...table(weekday!.weight, given.weekday.readSync()[at] as number),
        ...values.slice(2 * at, 2 * at + 2),
        ...table(hour!.weight, given.hour.readSync()[at] as number),
      ]);
      const plain = sequenceModel({ input: { features: 7 }, hidden: 4, outputs: 2 });
      const own = { rnn: params.rnn, head: params.head };
      const wanted = plain.forward(
        own,
        plain.initialCarry(own),
        { inputs: fromArray(vectors.flat(), [time, batch, 7], f64) },
        whole,
      ).output;
      const { output } = model.forward(params, model.initialCarry(params), { inputs: given }, whole);
      expect([...output.readSync()]).toEqual([...wanted.readSync()]);
    }));

  it('keep all that a task promises, masked and with dropout', async () => {
    const { params, stretch } = scope(() => ({
      params: model.init(key(1), f64),
      stretch: {
        inputs: inputs(),
        targets: numbers(2, 2),
        mask: tensor(
          [
            [0, 1],
            [1, 1],
            [1, 0],
            [1, 1],
          ],
          i32,
        ),
      },
    }));
    const { kept } = await checkTask(model, params, stretch);
    expect(kept).toContain('a whole equals its parts');
    treeEntries([params, stretch]).forEach(([, leaf]) => leaf.dispose());
  });

  it('are in the parameters and in the configuration', () =>
    scope(() => {
      const made = treeEntries(model.init(key(1))).map(([path, { shape, dtype }]) => [
        path,
        { shape: [...shape], dtype },
      ]);
      expect(Object.fromEntries(model.parameters())).toEqual(Object.fromEntries(made));
      expect(Object.keys(Object.fromEntries(made))).toContain('embedding.weekday.weight');
      const again = sequenceModel(JSON.parse(JSON.stringify(model.config)) as typeof model.config);
      expect(again.config).toEqual(model.config);
      expect(model.config.loss).toBe('meanSquaredError');
    }));

  it('of numbers alone have no embedding', () =>
    scope(() => {
      const both = sequenceModel({ input: { a: { features: 1 }, b: { features: 2 } }, hidden: 2, outputs: 1 });
      const params = both.init(key(1), f64);
      expect(params.embedding).toBeUndefined();
      const { output } = both.forward(
        params,
        both.initialCarry(params),
        { inputs: { a: numbers(1, 1), b: numbers(2, 2) } },
        whole,
      );
      expect(output.shape).toEqual([time, batch, 2]);
    }));

  it('must be those of the model', () =>
    scope(() => {
      const params = model.init(key(1), f64);
      const run = (given: unknown) => () =>
        model.forward(params, model.initialCarry(params), { inputs: given } as never, whole);
      expect(run(numbers(1, 2))).toThrow(
        'the model reads several inputs, so that inputs must be { weekday, values, hour }, but are f64 [4, 2, 2]',
      );
      expect(run({ ...inputs(), hour: undefined })).toThrow(
        'inputs.hour must be item numbers, i32 [time, batch], but inputs.hour is missing',
      );
      expect(run({ ...inputs(), day: items(3) })).toThrow(
        'the model reads the inputs weekday, values, hour, but was given "day" too',
      );
      expect(run({ ...inputs(), values: numbers(1, 3) })).toThrow(
        'the model reads { features: 2 }, so that inputs.values must be numbers, [time, batch, 2], but was given f64 [4, 2, 3]',
      );
      expect(run({ ...inputs(), hour: zeros([4, 3], i32) })).toThrow(
        'all inputs must have one [time, batch], but weekday is [4, 2] and hour is [4, 3]',
      );
      const of = (settings: object) => () =>
        sequenceModel({ hidden: 2, outputs: 1, ...settings } as SequenceModelConfig);
      expect(of({ input: { 'a.b': { features: 1 } } })).toThrow(
        'the name of an input must be letters, digits and _, but is "a.b"',
      );
      expect(of({ input: { a: { features: 0 } } })).toThrow('input.a.features must be a whole number ≥ 1, but is 0');
      expect(of({ input: { a: { vocabulary: 3 } } })).toThrow(
        'input.a must be { vocabulary, embedding } or { features }.',
      );
      expect(of({ input: {} })).toThrow(
        'input must be { vocabulary, embedding } or { features }, or several of these by name',
      );
      expect(of({ input, paddingIndex: 0 })).toThrow(
        'paddingIndex is an item of a vocabulary, but the input is several inputs',
      );
      expect(of({ input, tieWeights: true })).toThrow('tieWeights needs an embedding, but the input is several inputs');
    }));
});

describe('what a model cannot read is told by what it wants', () => {
  withFreshBackend();

  it('inputs, masks and targets', () =>
    scope(() => {
      const model = sequenceModel({ input: { features: 3 }, hidden: 2, outputs: 2 });
      const params = model.init(key(1), f64);
      const given = (stretch: object) => () => {
        const read = stretch as SequenceStretch;
        const { output } = model.forward(params, model.initialCarry(params), read, whole);
        return model.loss(params, output, read, whole);
      };
      const right = { inputs: numbers(1, 3), targets: numbers(2, 2) };
      expect(given(right)().shape).toEqual([]);
      expect(given({ ...right, inputs: numbers(1, 4) })).toThrow(
        'sequenceModel: the model reads { features: 3 }, so that inputs must be numbers, [time, batch, 3], but was given f64 [4, 2, 4].',
      );
      expect(given({ ...right, inputs: items(3) })).toThrow('but was given i32 [4, 2].');
      expect(given({ targets: right.targets })).toThrow('but inputs is missing.');
      expect(given({ inputs: right.inputs })).toThrow(
        'a stretch to learn needs targets, numbers, [time, batch, 2], but the stretch has none',
      );
      expect(() => model.lossWeight({ inputs: right.inputs } as SequenceStretch)).toThrow(
        'a stretch to learn needs targets',
      );
      expect(given({ ...right, targets: numbers(2, 1) })).toThrow(
        'the targets must be numbers, [time, batch, 2], here [4, 2, 2], but are f64 [4, 2, 1]',
      );
      expect(given({ ...right, mask: zeros([4], i32) })).toThrow(
        'mask must be i32 [time, batch], here [4, 2], but is i32 [4]',
      );
      expect(given({ ...right, mask: zeros([4, 2], f64) })).toThrow('here [4, 2], but is f64 [4, 2]');
      expect(given({ ...right, lossMask: [1, 0] })).toThrow('lossMask must be a tensor');
      expect(given({ ...right, lossMask: zeros([2, 4], i32) })).toThrow(
        'lossMask must be i32 [time, batch], here [4, 2]',
      );
      const text = sequenceModel({ input: { vocabulary: 5, embedding: 2 }, hidden: 2, outputs: 5 });
      const own = text.init(key(1), f64);
      const read = (stretch: object) => () =>
        text.forward(own, text.initialCarry(own), stretch as SequenceStretch, whole);
      expect(read({ inputs: numbers(1, 1) })).toThrow(
        'the model reads { vocabulary: 5 }, so that inputs must be item numbers, i32 [time, batch]',
      );
      expect(read({ inputs: zeros([4, 2], f64) })).toThrow('but was given f64 [4, 2].');
      const classes = (targets: Tensor) => () =>
        text.loss(own, zeros([4, 2, 2], f64), { inputs: items(5), targets }, whole);
      expect(classes(zeros([4, 2], f64))).toThrow(
        'the targets must be classes, i32 [time, batch], here [4, 2], but are f64 [4, 2]',
      );
      expect(classes(zeros([4, 3], i32))).toThrow('here [4, 2], but are i32 [4, 3]');
    }));
});

describe('initialisers', () => {
  withFreshBackend();
  const config = {
    input: { vocabulary: 5, embedding: 3 },
    hidden: 4,
    outputs: 5,
    layers: 2,
    learnedCarry: true,
  } as const;

  it('are named or given', () =>
    scope(() => {
      const model = sequenceModel({
        ...config,
        initialisers: {
          embedding: 'xavierUniform',
          input: 'heNormal',
          recurrent: 'orthogonal',
          bias: 'zeros',
          carry: (_key, shape) => new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(0.25),
          head: 'zeros',
        },
      });
      const params = model.init(key(1), f64);
      const block = [...(params.rnn.weight_hh_l1 as Tensor).readSync()].slice(16, 32);
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b < 4; b++) {
          const dot = [0, 1, 2, 3].reduce(
            (total, i) => total + (block[4 * a + i] as number) * (block[4 * b + i] as number),
            0,
          );
          expect(dot).toBeCloseTo(Number(a === b), 12);
        }
      }
      expect([...(params.rnn.bias_hh_l0 as Tensor).readSync()]).toEqual(new Array(16).fill(0));
      // The sum of the forget gate's biases is set by forgetBias in any case.
      expect([...(params.rnn.bias_ih_l0 as Tensor).readSync()].slice(4, 8)).toEqual([1, 1, 1, 1]);
      expect([...(params.head.weight as Tensor).readSync()].every((value) => value === 0)).toBe(true);
      expect([...(params.rnn.h0 as Tensor).readSync()].every((value) => value === 0.25)).toBe(true);
      const bound = Math.sqrt(6 / (5 + 3));
      expect(
        [...(params.embedding as { weight: Tensor }).weight.readSync()].every((value) => Math.abs(value) <= bound),
      ).toBe(true);
      expect(params.rnn.weight_ih_l0?.readSync()).not.toEqual(
        sequenceModel(config).init(key(1), f64).rnn.weight_ih_l0?.readSync(),
      );
    }));

  it('by name are stored; a function cannot be', () => {
    const stored = sequenceModel({ ...config, initialisers: { recurrent: 'orthogonal' } });
    const again = sequenceModel(JSON.parse(JSON.stringify(stored.config)) as SequenceModelConfig);
    expect(again.config.initialisers).toEqual({ recurrent: 'orthogonal' });
    const own = sequenceModel({ ...config, initialisers: { head: () => new Float64Array(20) } });
    expect(() => JSON.stringify(own.config)).toThrow('initialisers.head cannot be stored, for a function is no JSON');
    expect(() => JSON.stringify(sequenceModel(own.config).config)).toThrow('cannot be stored');
  });

  it('are refused where they do nothing or do not fit', () => {
    const of = (settings: object) => () => sequenceModel({ ...config, ...settings });
    expect(of({ initialisers: { recurrent: 'orthogonl' } })).toThrow(
      /initialisers\.recurrent must be one of xavierUniform, .*zeros, or a function/,
    );
    expect(of({ initialisers: { bias: 'orthogonal' } })).toThrow(
      'initialisers.bias must be zeros or a function, but is "orthogonal"',
    );
    expect(of({ learnedCarry: false, initialisers: { carry: 'zeros' } })).toThrow('set learnedCarry');
    expect(of({ input: { features: 2 }, initialisers: { embedding: 'zeros' } })).toThrow('no input has an embedding');
    expect(of({ initialisers: { weights: 'zeros' } })).toThrow('weights');
    expect(of({ initialisers: { head: 3 } })).toThrow('head');
    expect(of({ layers: 1, residual: true })).toThrow('residual would do nothing');
    expect(of({ pooling: 'sum' })).toThrow('"mean"');
  });
});

describe('chrono', () => {
  withFreshBackend();
  const config = { input: { features: 2 }, hidden: 6, outputs: 1 } as const;
  /** Sums of the two biases of a gate. */
  const biases = ({ rnn }: { readonly rnn: RecurrentLayerParams }, layer: number, gate: number): number[] => {
    const [ih, hh] = ['ih', 'hh'].map((each) => [...(rnn[`bias_${each}_l${layer}`] as Tensor).readSync()]);
    return ih!.map((value, at) => value + hh![at]!).slice(6 * gate, 6 * gate + 6);
  };

  it('spreads the gates of every layer of an LSTM and of a GRU over the range', () =>
    scope(() => {
      const longest = Math.log(99);
      const deep = sequenceModel({ ...config, layers: 2, chrono: 100 }).init(key(1), f64);
      for (const layer of [0, 1]) {
        const forget = biases(deep, layer, 1);
        expect(forget.every((value) => value >= 0 && value <= longest)).toBe(true);
        expect(new Set(forget).size).toBe(6);
        expect(biases(deep, layer, 0)).toEqual(forget.map((value) => -value));
      }
      const update = biases(sequenceModel({ ...config, cell: 'gru', chrono: 100 }).init(key(1), f64), 0, 1);
      expect(update.every((value) => value >= 0 && value <= longest)).toBe(true);
    }));

  it('is stored, beside the default that it takes the place of', () => {
    const { config: resolved } = sequenceModel({ ...config, chrono: 100 });
    expect(resolved).toMatchObject({ chrono: 100, forgetBias: 1 });
    expect(sequenceModel(JSON.parse(JSON.stringify(resolved)) as typeof resolved).config).toEqual(resolved);
    expect(sequenceModel(config).config.chrono).toBeNull();
  });

  it('is refused where it does not fit', () => {
    const of = (settings: object) => () => sequenceModel({ ...config, ...settings });
    expect(of({ chrono: 2 })).toThrow('the longest dependency must be a number of steps above 2, but is 2');
    expect(of({ chrono: NaN })).toThrow('but is NaN');
    expect(of({ chrono: '100' })).toThrow('chrono');
    expect(of({ chrono: 100, forgetBias: 2 })).toThrow('forgetBias 2 and chrono 100 both set');
    expect(of({ chrono: 100, cell: 'rnnTanh' })).toThrow('the biases of gates, which an lstm and a gru have');
  });
});

describe('classWeights', () => {
  withFreshBackend();
  const config = { input: { features: 2 }, hidden: 3, outputs: 3, loss: 'crossEntropy' } as const;

  it('multiply the losses of their class, and nothing that is left out', () =>
    scope(() => {
      const logits = normal(key(1), [4, 3], f64);
      const targets = tensor([0, 2, -1, 1], i32);
      const each = [0, 1].map((row) => {
        const own = fromArray(logits.readSync().slice(3 * row, 3 * row + 3), [1, 3], f64);
        return crossEntropy(own, tensor([targets.readSync()[row] as number], i32), {
          labelSmoothing: 0.1,
        }).readSync()[0] as number;
      });
      const weighted = crossEntropy(logits, targets, { classWeights: [2, 0, 0.5], labelSmoothing: 0.1 });
      expectClose(weighted, [2 * each[0]! + 0.5 * each[1]!], 1e-14);
      const model = sequenceModel({ ...config, classWeights: [2, 0, 0.5] });
      const again = sequenceModel(JSON.parse(JSON.stringify(model.config)) as SequenceModelConfig);
      expect(again.config.classWeights).toEqual([2, 0, 0.5]);
      const typed = { ...config, classWeights: Float64Array.of(2, 0, 0.5) as unknown as number[] };
      expect(JSON.stringify(sequenceModel(typed).config)).toBe(JSON.stringify(model.config));
      const stretch = { inputs: numbers(1, 2), targets: items(3) };
      expect([...model.lossWeight(stretch).readSync()]).toEqual([8]);
    }));

  it('are refused in words', () => {
    const of = (settings: object) => () => sequenceModel({ ...config, ...settings });
    expect(of({ classWeights: [1, 2] })).toThrow(
      'classWeights must be 3 finite numbers ≥ 0, one for each class, but are [1, 2]',
    );
    expect(of({ classWeights: [1, 2, -1] })).toThrow('classWeights must be 3 finite numbers');
    expect(of({ classWeights: [1, 2, NaN] })).toThrow('classWeights must be 3 finite numbers');
    expect(of({ classWeights: [1, 2, 'x'] })).toThrow('classWeights must be 3 finite numbers');
    expect(of({ loss: 'meanSquaredError', classWeights: [1, 1, 1] })).toThrow('classWeights are for crossEntropy');
    scope(() => {
      expect(() => crossEntropy(zeros([1, 3]), zeros([1], i32), { classWeights: [1] })).toThrow(
        'classWeights has 1 numbers, but there are 3 classes',
      );
    });
  });
});

describe('a configuration that was stored before', () => {
  withFreshBackend();

  it('makes the same model, with the same parameters', () =>
    scope(() => {
      const stored =
        '{"cell":"lstm","layers":2,"bidirectional":false,"dropout":0.1,"learnedCarry":false,"forgetBias":1,"loss":"crossEntropy",' +
        '"tieWeights":false,"labelSmoothing":0,"ignoreIndex":null,"paddingIndex":null,"input":{"vocabulary":5,"embedding":3},"hidden":4,"outputs":5}';
      const model = sequenceModel(JSON.parse(stored) as SequenceModelConfig);
      expect(model.config).toMatchObject({
        pooling: 'none',
        layerNorm: false,
        residual: false,
        initialisers: {},
        classWeights: null,
      });
      const params = model.init(key(1));
      expect(treeEntries(params).map(([path]) => path)).toEqual([
        'embedding.weight',
        ...[0, 1].flatMap((layer) =>
          ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((name) => `rnn.${name}_l${layer}`),
        ),
        'head.weight',
        'head.bias',
      ]);
    }));
});

describe('types', () => {
  withFreshBackend();

  it('of data and parameters are those of the model', () =>
    scope(() => {
      const named = sequenceModel({
        input: { day: { vocabulary: 7, embedding: 2 }, x: { features: 1 } },
        hidden: 2,
        outputs: 1,
      });
      const single = sequenceModel({ input: { features: 1 }, hidden: 2, outputs: 1 });
      const params = named.init(key(1), f64);
      const own = single.init(key(1), f64);
      const carry = named.initialCarry(params);
      const [day, x] = [items(7), numbers(1, 1)];
      named.forward(params, carry, { inputs: { day, x } }, whole);
      const wrong = [
        // @ts-expect-error an input is missing
        () => named.forward(params, carry, { inputs: { day } }, whole),
        // @ts-expect-error one tensor is not several
        () => named.forward(params, carry, { inputs: x }, whole),
        // @ts-expect-error a name that the model does not have
        () => named.forward(params, carry, { inputs: { day, x, y: x } }, whole),
        // @ts-expect-error several are not one
        () => single.forward(own, carry, { inputs: { day, x } }, whole),
        // @ts-expect-error a stretch to learn has targets
        () => named.loss(params, numbers(1, 2), { inputs: { day, x } }, whole),
      ];
      for (const run of wrong) expect(run).toThrow(/^sequenceModel: /);
      // @ts-expect-error there is no such cell
      expect(() => sequenceModel({ input: { features: 1 }, hidden: 2, outputs: 1, cell: 'lstn' })).toThrow(
        'no cell "lstn"',
      );
      const settings = { input: { features: 1 }, hidden: 2, outputs: 1 };
      // @ts-expect-error there is no such initialiser
      expect(() => sequenceModel({ ...settings, initialisers: { head: 'x' } })).toThrow('initialisers.head');
      // @ts-expect-error an embedding has a size
      expect(() => sequenceModel({ input: { a: { vocabulary: 3 } }, hidden: 2, outputs: 1 })).toThrow('input.a');
      const general: SequenceModel = single;
      expect(general.config.input).toEqual({ features: 1 });
    }));
});
