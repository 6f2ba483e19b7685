import {
  add,
  disposeTree,
  foldIn,
  fromArray,
  fullBptt,
  grad,
  key,
  less,
  lstmCell,
  matmul,
  mul,
  normal,
  scope,
  select,
  sigmoid,
  sub,
  tanh,
  tensor,
  treeEntries,
  uniform,
  zeros,
  type Cell,
  type Tensor,
} from '@tempograd/core';
import { checkTask } from '@tempograd/conformance';
import { describe, expect, it } from 'vitest';
import {
  adam,
  planMemory,
  readSafetensors,
  readTree,
  sequenceModel,
  writeSafetensors,
  zeroInit,
  type OwnCell,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
  type SequenceStretch,
} from '../src/index.js';
import { storedModel } from '../src/model/storedModel.js';
import { expectClose, withFreshBackend } from './support/close.js';

const f64 = { dtype: 'f64' } as const;
const hidden = 3;

interface LeakyParams {
  readonly w: Tensor;
  readonly u: Tensor;
  readonly leak: Tensor;
}

const leakyCell: Cell<LeakyParams, Tensor> = {
  initialCarry: (batch, options) => zeros([batch, hidden], options),
  step({ w, u, leak }, h, x) {
    const candidate = tanh(add(matmul(x, w), matmul(h, u)));
    const rate = sigmoid(leak);
    const next = add(mul(sub(1, rate), h), mul(rate, candidate));
    return { carry: next, output: next };
  },
};

const leaky: OwnCell = {
  name: 'leaky',
  shapes: ({ inputSize, hiddenSize }) => ({
    w: [inputSize, hiddenSize],
    u: [hiddenSize, hiddenSize],
    leak: [hiddenSize],
  }),
  init: { leak: zeroInit() },
  cell: leakyCell,
};

/** Keeps each unit at random, so that it needs the key and the time of the step. */
const zoneout: OwnCell = {
  ...leaky,
  name: 'zoneout',
  cell: {
    ...leakyCell,
    step(params, h, x, context) {
      const { carry } = leakyCell.step(params as LeakyParams, h as Tensor, x, context);
      if (context.key === null) return { carry, output: carry };
      const stays = less(uniform(foldIn(context.key, context.time), carry.shape, f64), 0.3);
      return { carry: select(stays, h as Tensor, carry), output: carry };
    },
  },
};

/** The library's own LSTM, handed in as a stranger's would be. */
const ownLstm: OwnCell = {
  name: 'my-lstm',
  shapes: ({ inputSize, hiddenSize }) => ({
    weight_ih: [4 * hiddenSize, inputSize],
    weight_hh: [4 * hiddenSize, hiddenSize],
    bias_ih: [4 * hiddenSize],
    bias_hh: [4 * hiddenSize],
  }),
  cell: lstmCell({ hiddenSize: hidden }),
};

const [time, batch] = [5, 2];
const base = { input: { features: 2 }, hidden, outputs: 4, loss: 'crossEntropy' } as const;
const mask = [
  [1, 0],
  [1, 1],
  [0, 1],
  [1, 0],
  [0, 0],
];

const stretchOf = (masked: boolean): SequenceStretch => ({
  inputs: normal(key(3), [time, batch, 2], f64),
  targets: fromArray([0, 1, 2, 3, 0, 1, 2, 3, 0, 1], [time, batch], { dtype: 'i32' }),
  mask: masked ? tensor(mask, { dtype: 'i32' }) : null,
});

const whole = { from: 0, key: null };

function lossAndGradient(model: SequenceModel, params: SequenceModelParams, stretch: SequenceStretch): Tensor[] {
  const run = (p: SequenceModelParams): Tensor =>
    model.loss(p, model.forward(p, model.initialCarry(p, stretch), stretch, whole).output, stretch, whole);
  return [run(params), ...treeEntries(grad(run)(params)).map(([, leaf]) => leaf)];
}

describe('a cell of one’s own in a sequence model', () => {
  withFreshBackend();

  it.each([
    [
      'stacked, dropout, layer norm, residual, masked',
      true,
      { ...base, cell: leaky, layers: 2, dropout: 0.3, layerNorm: true, residual: true },
    ],
    ['random numbers of its own, pooled, masked', true, { ...base, cell: zoneout, layers: 2, pooling: 'mean' }],
    ['both directions, masked', true, { ...base, cell: leaky, bidirectional: true, layers: 2 }],
  ] as [string, boolean, SequenceModelConfig][])('keeps all that a task promises: %s', async (_, masked, config) => {
    const model = sequenceModel(config);
    const { params, stretch } = scope(() => {
      const { mask: steps, ...rest } = stretchOf(masked);
      return { params: model.init(key(1), f64), stretch: steps ? { ...rest, mask: steps } : rest };
    });
    const { kept } = await checkTask(model, params, stretch);
    expect(kept).toContain('the gradient is the derivative');
    disposeTree([params, stretch]);
  });

  it('is stacked, masked and run backward as the standard ones are', () =>
    scope(() => {
      for (const settings of [{}, { layers: 2 }, { layers: 2, bidirectional: true }]) {
        for (const input of [base.input, { vocabulary: 4, embedding: 2 }]) {
          const config = { ...base, ...settings, input };
          const standard = sequenceModel(config);
          const own = sequenceModel({ ...config, cell: ownLstm });
          expect([...own.parameters()]).toEqual([...standard.parameters()]);
          const params = standard.init(key(1), f64);
          for (const masked of [false, true]) {
            const { targets, ...stretch } = stretchOf(masked);
            const read = { ...stretch, targets, ...('vocabulary' in input ? { inputs: targets } : {}) };
            const wanted = lossAndGradient(standard, params, read);
            lossAndGradient(own, params, read).forEach((leaf, index) =>
              expectClose(leaf, (wanted[index] as Tensor).readSync(), 1e-12, `${index}`),
            );
          }
        }
      }
    }));

  it('starts as its init says, and says what its parameters are without making them', () =>
    scope(() => {
      const model = sequenceModel({ ...base, cell: leaky, layers: 2, bidirectional: true });
      const params = model.init(key(1), f64);
      expect([...(params.rnn.leak_l1_reverse as Tensor).readSync()]).toEqual([0, 0, 0]);
      expect(params.rnn.w_l1?.shape).toEqual([6, 3]);
      const made = treeEntries(params).map(([path, { shape }]) => [path, [...shape]]);
      const said = [...model.parameters()].map(([path, { shape }]) => [path, [...shape]]);
      expect(Object.fromEntries(said)).toEqual(Object.fromEntries(made));
    }));

  it('is stored by its name, and handed in by who reads the file', async () => {
    const model = sequenceModel({ ...base, cell: leaky, pooling: 'attention' });
    const params = scope(() => model.init(key(1)));
    const config = JSON.stringify(model.config);
    expect((JSON.parse(config) as { cell: unknown }).cell).toBe('leaky');
    const file = readSafetensors(writeSafetensors(await readTree(params), { config }));
    const read = storedModel(file, { cells: [zoneout, leaky] });
    expect(await readTree(read.params)).toEqual(file.tensors);
    expect(JSON.stringify(read.model.config)).toBe(config);
    expect(JSON.stringify(sequenceModel(read.model.config).config)).toBe(config);
    expect(() => storedModel(file)).toThrow('its cell is "leaky", none of ours. Hand it in: { cells: [{ name: "leaky"');
    expect(() => storedModel(file, { cells: [zoneout] })).toThrow('Hand it in, beside "zoneout"');
    disposeTree([params, read.params]);
  });

  it('is planned', () =>
    scope(() => {
      const model = sequenceModel({ ...base, cell: leaky, layers: 2 });
      const options = { time: 6, batch: 2, strategy: fullBptt(), optimiser: adam({ learningRate: 0.1 }) };
      expect(planMemory(model, model.init(key(1)), options).peakBytes).toBeGreaterThan(1000);
    }));

  it('is refused where it does not fit, in words', () =>
    scope(() => {
      const of = (settings: object) => () => sequenceModel({ ...base, ...settings });
      expect(of({ cell: leakyCell })).toThrow(/cell\.(name|initialCarry)/);
      expect(of({ cell: { ...leaky, name: 'gru' } })).toThrow('cell.name "gru" is taken');
      expect(of({ cell: { ...leaky, cell: {} } })).toThrow('a cell, { initialCarry, step }');
      expect(of({ cell: leaky, learnedCarry: true })).toThrow('learnedCarry is for the standard cells');
      expect(of({ cell: leaky, initialisers: { recurrent: 'orthogonal' } })).toThrow('a cell of your own has its init');
      expect(of({ cell: 'leaky' })).toThrow('or hand in a cell of your own');
      const shapes = (given: unknown) => of({ cell: { ...leaky, shapes: () => given } });
      expect(shapes(3)).toThrow('shapes of the cell "leaky" must give names of parameters');
      expect(shapes({ w: 3 })).toThrow('but gave {"w":3}');
      expect(shapes({ w: [2, 0] })).toThrow('but gave {"w":[2,0]}');
      expect(shapes({ 'a.b': [2] })).toThrow('but gave {"a.b":[2]}');
      expect(shapes({ w: [2] })).toThrow('init of the cell "leaky" is for "leak", but its parameters are w');
      const wide = sequenceModel({
        ...base,
        hidden: 4,
        cell: { ...leaky, shapes: () => ({ w: [2, 3], u: [3, 3], leak: [3] }) },
      });
      const { inputs } = stretchOf(false);
      const run = (model: SequenceModel, params: SequenceModelParams) => () =>
        model.forward(params, model.initialCarry(params), { inputs }, whole);
      expect(run(wide, wide.init(key(1), f64))).toThrow(
        'outputs of the cell "leaky" must be [5, 2, 4], [time, batch, hidden], but are [5, 2, 3]. Set hidden to the cell’s own size.',
      );
      const model = sequenceModel({ ...base, cell: leaky });
      const { leak_l0: _, ...rnn } = model.init(key(1), f64).rnn;
      expect(run(model, { ...model.init(key(1), f64), rnn })).toThrow(
        'not the parameters of this model: "rnn.leak_l0" should be f32[3], but is missing',
      );
      const scalar = sequenceModel({
        ...base,
        cell: { ...leaky, cell: { ...leakyCell, initialCarry: () => zeros([]) } },
      });
      expect(run(scalar, scalar.init(key(1), f64))).toThrow('carries of the cell "leaky" must be [batch, …]');
    }));
});
