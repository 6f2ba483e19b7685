import { readFileSync } from 'node:fs';
import { createBackend } from '@tempograd/backend-js';
import {
  ArgumentError,
  fromArray,
  key,
  row,
  scope,
  transpose,
  treeEntries,
  uniformValues,
  useBackend,
  type LstmCarry,
} from '@tempograd/core';
import { embedding, gru, linear, lstm, type SequenceModelConfig } from '@tempograd/nn';
import { describe, expect, it } from 'vitest';
import { exportOnnx, importLayers, importModel, OnnxError, readOnnx } from '../src/index.js';
import { expectSame } from './support/close.js';
import { operatorFile, type TestNode, type TestTensor } from './support/operatorFile.js';
import { feed, useRuntime } from './support/runtime.js';
import { trained } from './support/trained.js';

useBackend(createBackend());

const opened = useRuntime();

const tokens = { vocabulary: 6, embedding: 3 };
const configs: Record<string, SequenceModelConfig> = {
  ...Object.fromEntries(
    (['lstm', 'gru', 'rnnTanh', 'rnnRelu'] as const).flatMap((cell) =>
      [1, 3].flatMap((layers) =>
        [false, true].map((bidirectional) => [
          `${cell} × ${layers}, bidirectional ${bidirectional}`,
          { input: layers === 1 ? tokens : { features: 4 }, cell, layers, bidirectional, hidden: 5, outputs: 2 },
        ]),
      ),
    ),
  ),
  'every setting': {
    input: { vocabulary: 6, embedding: 4 },
    cell: 'gru',
    hidden: 4,
    layers: 2,
    dropout: 0.25,
    learnedCarry: true,
    forgetBias: 2,
    outputs: 6,
    tieWeights: true,
    labelSmoothing: 0.125,
    ignoreIndex: 3,
    paddingIndex: 1,
  },
  'norms and residual connections': {
    input: { features: 2 },
    cell: 'gru',
    hidden: 3,
    layers: 3,
    outputs: 1,
    layerNorm: true,
    residual: true,
  },
  'attention pooling': { input: tokens, hidden: 3, outputs: 2, pooling: 'attention', bidirectional: true },
  'a learned carry of an LSTM': { input: { features: 2 }, hidden: 3, layers: 2, outputs: 1, learnedCarry: true },
};

describe('a model that was exported', () => {
  it.each(Object.entries(configs))('comes back: %s', async (_, config) => {
    const { model, params } = trained(config);
    for (const carry of ['given', 'initial'] as const) {
      const again = importModel(readOnnx(await exportOnnx(model, params, { carry })));
      expect(again.model.config).toEqual(model.config);
      const values = (tree: object): Map<string, number[]> =>
        new Map(treeEntries(tree).map(([path, tensor]) => [path, [...tensor.readSync()]]));
      expect(values(again.params)).toEqual(values(params));
    }
  });

  it('comes back with several inputs', async () => {
    const { model, params } = trained({
      input: { day_of_week: { vocabulary: 7, embedding: 2 }, x: { features: 1 } },
      hidden: 3,
      outputs: 1,
    });
    const again = importModel(readOnnx(await exportOnnx(model, params)));
    expect(again.model.config).toEqual(model.config);
    const paths = (tree: object): string[] =>
      treeEntries(tree).map(([path, tensor]) => `${path} ${tensor.shape.join()}`);
    expect(paths(again.params).sort()).toEqual(paths(params).sort());
  });

  it('comes back on the backend and in the dtype asked for, and leaves nothing else behind', async () => {
    const { model, params } = trained({ input: tokens, cell: 'gru', layers: 2, hidden: 3, outputs: 6 });
    const file = readOnnx(await exportOnnx(model, params));
    const backend = createBackend();
    const again = importModel(file, { backend, dtype: 'f64' });
    const leaves = treeEntries(again.params).map(([, tensor]) => tensor);
    expect(leaves.every((tensor) => tensor.dtype === 'f64' && tensor.backend === backend)).toBe(true);
    expect(backend.memory().buffers).toBe(leaves.length);
  });
});

/** What other programs write: the batch first, states from shapes, weights under any names. */
describe('a file of another program', () => {
  const values = (seed: number, shape: readonly number[]): TestTensor & { readonly data: number[] } => ({
    shape,
    data: Array.from(
      uniformValues(
        key(seed),
        shape.reduce((a, b) => a * b, 1),
      ),
      (value) => 2 * value - 1,
    ),
  });
  const ints = (list: readonly number[]): TestTensor => ({ shape: [list.length], data: list.map(BigInt) });
  const shared = { a1: ints([1]) };
  const states: TestNode[] = [
    { op: 'Constant', inputs: [], outputs: ['unused'] },
    { op: 'Shape', inputs: ['x'], outputs: ['s'] },
    { op: 'Slice', inputs: ['s', 'zero', 'a1'], outputs: ['batch'] },
    { op: 'Concat', inputs: ['a1', 'batch', 'h'], outputs: ['state'], attributes: { axis: 0 } },
    { op: 'ConstantOfShape', inputs: ['state'], outputs: ['start'] },
  ];
  const node = (layer: number, x: string, op: string, attributes: TestNode['attributes']): TestNode[] => [
    {
      op,
      inputs: [x, `w${layer}`, `r${layer}`, `b${layer}`, '', 'start', ...(op === 'LSTM' ? ['start'] : [])],
      outputs: [`y${layer}`],
      attributes: { hidden_size: 3, ...attributes },
    },
    { op: 'Squeeze', inputs: [`y${layer}`, 'a1'], outputs: [`o${layer}`] },
  ];
  const recurrentWeights = (gates: number, layer: number, size: number): Record<string, TestTensor> => ({
    [`w${layer}`]: values(10 + layer, [1, gates * 3, size]),
    [`r${layer}`]: values(20 + layer, [1, gates * 3, 3]),
    [`b${layer}`]: values(30 + layer, [1, 2 * gates * 3]),
  });

  const bytes = operatorFile(
    [
      ...states.slice(1),
      { op: 'Transpose', inputs: ['x'], outputs: ['xt'], attributes: { perm: [1, 0, 2] } },
      ...node(0, 'xt', 'LSTM', {}),
      ...node(1, 'o0', 'LSTM', {}),
      { op: 'Transpose', inputs: ['o1'], outputs: ['back'], attributes: { perm: [1, 0, 2] } },
      { op: 'Gather', inputs: ['back', 'last'], outputs: ['end'], attributes: { axis: 1 } },
      { op: 'Gemm', inputs: ['end', 'hw', 'hb'], outputs: ['out'], attributes: { transB: 1 } },
    ],
    {
      ...shared,
      x: { shape: ['batch', 'time', 2] },
      zero: ints([0]),
      h: ints([3]),
      last: { shape: [], data: [-1n] },
      ...recurrentWeights(4, 0, 2),
      ...recurrentWeights(4, 1, 3),
      hw: values(40, [5, 3]),
      hb: values(41, [5]),
    },
    ['out'],
  );

  it('becomes a model with the same outputs', async () => {
    const { model, params } = importModel(readOnnx(bytes));
    expect(model.config).toMatchObject({ input: { features: 2 }, cell: 'lstm', hidden: 3, layers: 2, outputs: 5 });
    const [time, batch] = [4, 2];
    const x = fromArray(values(50, [batch * time * 2]).data, [batch, time, 2]);
    const session = await opened(bytes);
    const { out } = await session.run({ x: feed(x) });
    const layer = lstm({ inputSize: 2, hiddenSize: 3, layers: 2, batchFirst: true });
    const { output } = layer.apply(params.rnn, model.initialCarry(params) as LstmCarry, x);
    const logits = model.logits(params, output);
    const ends = logits.readSync().filter((_, at) => Math.floor(at / 5) % time === time - 1);
    expectSame(out!, fromArray(ends, [batch, 5]), 'out');
  });

  it('gives its layers one by one', () => {
    const file = readOnnx(
      operatorFile(
        [
          { op: 'Gather', inputs: ['table', 'ids'], outputs: ['x'] },
          ...node(0, 'x', 'GRU', { linear_before_reset: 1 }).slice(0, 1),
          { op: 'Squeeze', inputs: ['y0', 'a1'], outputs: ['o0'] },
          ...node(1, 'o0', 'RNN', { activations: ['Relu'] }),
          { op: 'MatMul', inputs: ['o1', 'm1'], outputs: ['p1'] },
          { op: 'Add', inputs: ['c1', 'p1'], outputs: ['q1'] },
          { op: 'Relu', inputs: ['q1'], outputs: ['act'] },
          { op: 'MatMul', inputs: ['act', 'm2'], outputs: ['out'] },
        ],
        {
          ...shared,
          ids: { shape: ['time', 'batch'], type: 7 },
          start: { shape: [1, 'batch', 3] },
          table: values(1, [7, 2]),
          ...recurrentWeights(3, 0, 2),
          ...recurrentWeights(1, 1, 3),
          m1: values(2, [3, 4]),
          c1: values(3, [4]),
          m2: values(4, [4, 1]),
        },
        ['out'],
      ),
    );
    const layers = importLayers(file);
    expect(layers.map(({ params: _, nodes, ...rest }) => ({ ...rest, nodes: nodes.map(({ op }) => op) }))).toEqual([
      { kind: 'embedding', vocabulary: 7, size: 2, nodes: ['Gather'] },
      {
        kind: 'recurrent',
        cell: 'gru',
        inputSize: 2,
        hiddenSize: 3,
        layers: 1,
        bidirectional: false,
        bias: true,
        nodes: ['GRU'],
      },
      {
        kind: 'recurrent',
        cell: 'rnnRelu',
        inputSize: 3,
        hiddenSize: 3,
        layers: 1,
        bidirectional: false,
        bias: true,
        nodes: ['RNN'],
      },
      { kind: 'linear', inputs: 3, outputs: 4, nodes: ['MatMul', 'Add'] },
      { kind: 'linear', inputs: 4, outputs: 1, nodes: ['MatMul'] },
    ]);
    const shapes = (layer: object): object =>
      Object.fromEntries(treeEntries(layer).map(([path, tensor]) => [path, tensor.shape]));
    const made = [
      embedding({ vocabulary: 7, size: 2 }),
      gru({ inputSize: 2, hiddenSize: 3 }),
      linear({ inputs: 3, outputs: 4 }),
      linear({ inputs: 4, outputs: 1, bias: false }),
    ].map((layer) => shapes(layer.init(key(1)) as object));
    expect([0, 1, 3, 4].map((index) => shapes(layers[index]!.params))).toEqual(made);
    expect(() => importModel(file)).toThrow(
      /no sequence model.*there are others\. It has: embedding \(Gather\), then recurrent \(GRU\)/,
    );
  });

  it.each([
    ['peepholes', { inputs: ['x', 'w0', 'r0', 'b0', '', 'start', 'start', 'p'] }, /it has peepholes/],
    ['the reset before the product', { op: 'GRU' }, /resets before the product/],
    ['clipping', { attributes: { clip: { f: 2 } } }, /clips at 2/],
    ['coupled gates', { attributes: { input_forget: 1 } }, /gates are coupled/],
    ['one direction, backward', { attributes: { direction: 'reverse' } }, /backward in time alone/],
    [
      'other activations',
      { attributes: { activations: ['Sigmoid', 'Relu', 'Tanh'] } },
      /activations are Sigmoid, Relu, Tanh/,
    ],
    ['weights from outside', { inputs: ['x', 'x', 'r0'] }, /weights W .* are computed or given from outside/],
    ['weights of another shape', { attributes: { hidden_size: 4 } }, /"w0" should be \[1, 16, 2\] as W of LSTM/],
  ] as const)('with %s is refused by name', (_, change, message) => {
    const file = readOnnx(
      operatorFile(
        [{ op: 'LSTM', inputs: ['x', 'w0', 'r0', 'b0'], outputs: ['y'], ...change }],
        { x: { shape: [1, 1, 2] }, start: { shape: [1, 1, 3] }, p: values(1, [1, 9]), ...recurrentWeights(4, 0, 2) },
        ['y'],
      ),
    );
    expect(() => importLayers(file)).toThrow(message);
    expect(() => importModel(file)).toThrow(OnnxError);
  });

  const small = (nodes: TestNode[], tensors: Record<string, TestTensor> = {}): Uint8Array =>
    operatorFile(
      nodes,
      {
        ...shared,
        x: { shape: [1, 1, 2] },
        ...recurrentWeights(1, 0, 2),
        hw: values(2, [3, 2]),
        one: { shape: [1, 1, 3], data: [0, 1, 0] },
        ...tensors,
      },
      ['out'],
    );
  const head: TestNode = { op: 'MatMul', inputs: ['o0', 'hw'], outputs: ['out'] };

  it('that starts from a carry of its own is no model, and says so', () => {
    const rnn = (start: string): TestNode[] => [
      { op: 'RNN', inputs: ['x', 'w0', 'r0', '', '', start], outputs: ['y0'], attributes: { hidden_size: 3 } },
      { op: 'Squeeze', inputs: ['y0', 'a1'], outputs: ['o0'] },
      head,
    ];
    const sigmoid: TestNode = { op: 'Sigmoid', inputs: ['one'], outputs: ['s'] };
    expect(() => importModel(readOnnx(small(rnn('one'))))).toThrow(/starts from "one", which is not all zeros/);
    expect(() => importModel(readOnnx(small([sigmoid, ...rnn('s')])))).toThrow(/a carry that Sigmoid computes/);
    const zero = { zero: { shape: [1, 1, 3], data: [0, 0, 0] } };
    const { params } = importModel(readOnnx(small(rnn('zero'), zero)));
    const biases = [params.rnn.bias_ih_l0, params.rnn.bias_hh_l0, params.head.bias].map((x) => [...x!.readSync()]);
    expect(biases, 'what a graph without biases adds').toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0],
    ]);
  });

  it('whose parts do not hang together is no model', () => {
    const rnn: TestNode = { op: 'RNN', inputs: ['x', 'w0', 'r0'], outputs: ['y0'], attributes: { hidden_size: 3 } };
    const squeeze: TestNode = { op: 'Squeeze', inputs: ['y0', 'a1'], outputs: ['o0'] };
    const relu: TestNode = { op: 'Relu', inputs: ['o0'], outputs: ['act'] };
    expect(() => importModel(readOnnx(small([rnn, squeeze, relu, { ...head, inputs: ['act', 'hw'] }])))).toThrow(
      /what the head reads comes from Relu/,
    );
    const before: TestNode = { op: 'Relu', inputs: ['x'], outputs: ['xr'] };
    expect(() => importModel(readOnnx(small([before, { ...rnn, inputs: ['xr', 'w0', 'r0'] }, squeeze, head])))).toThrow(
      /what the recurrence reads comes from Relu/,
    );
  });
});

/** What one of PyTorch's models gave. */
interface Golden {
  readonly input: number[];
  readonly inputShape: number[];
  readonly output: number[];
  readonly outputShape: number[];
  readonly items: boolean;
  /** The head sees the last step alone. */
  readonly lastStep: boolean;
  readonly batchFirst: boolean;
}

describe('a file that torch.onnx.export of PyTorch 1.13 wrote', () => {
  it.each(['lstm', 'gru', 'rnnTanh', 'rnnRelu'])('gives the outputs that PyTorch gave: %s', (cell) => {
    const stored = (ending: string): Buffer =>
      readFileSync(new URL(`golden/pytorch-${cell}.${ending}`, import.meta.url));
    const golden = JSON.parse(stored('json').toString()) as Golden;
    const { model, params } = importModel(readOnnx(stored('onnx')));
    expect(model.config.cell).toBe(cell);
    const { items, batchFirst, lastStep, inputShape, outputShape } = golden;
    const given = fromArray(golden.input, inputShape, { dtype: items ? 'i32' : 'f32' });
    const inputs = batchFirst ? transpose(given, items ? [1, 0] : [1, 0, 2]) : given;
    const { output } = model.forward(params, model.initialCarry(params), { inputs }, { from: 0, key: null });
    const logits = model.logits(params, output);
    const time = logits.shape[0] as number;
    const seen = lastStep ? row(logits, time - 1) : batchFirst ? transpose(logits, [1, 0, 2]) : logits;
    expectSame(seen, fromArray(golden.output, outputShape), cell);
  });
});

describe('a configuration in the metadata', () => {
  const { model, params } = trained({ input: tokens, hidden: 3, outputs: 6 });
  const withConfig = async (config: string): Promise<Uint8Array> => {
    const { config: _, ...rest } = model;
    const lying = { ...rest, config: { ...model.config, toJSON: () => JSON.parse(config) as object } };
    Object.defineProperty(lying.config, 'toJSON', { enumerable: false });
    return exportOnnx(lying, params);
  };

  it('that is not the graph’s is refused', async () => {
    for (const [change, message] of [
      [{ cell: 'gru' }, /has cell = "gru", where the graph has "lstm"/],
      [{ layers: 1e9 }, /has layers = 1000000000, where the graph has 1/],
      [{ input: { features: 2 } }, /has rnn\.weight_ih_l0 = "12 × 2", where the graph has "12 × 3"/],
      [{ outputs: 7 }, /"head\.weight" should be \[7, 3\] as a parameter of the model in the metadata/],
      [{ layerNorm: true }, /no values for "rnn\.norm_weight_l0"/],
      [{ cell: { name: 'own' } }, /cannot be used/],
      [{ swish: true }, /cannot be used: .*swish/],
      [{ hidden: -1 }, /cannot be used: .*hidden/],
    ] as const) {
      const bytes = await withConfig(JSON.stringify({ ...model.config, ...change }));
      expect(() => importModel(readOnnx(bytes))).toThrow(message);
    }
  });

  it('that names a learned carry the file lacks is refused', async () => {
    const bytes = await withConfig(JSON.stringify({ ...model.config, learnedCarry: true }));
    expect(() => importModel(readOnnx(bytes))).toThrow(/has no values for "rnn.h0"/);
  });

  it('leaves nothing behind when it is refused', async () => {
    const bytes = await withConfig(JSON.stringify({ ...model.config, cell: 'gru' }));
    const backend = createBackend();
    expect(() => scope(() => importModel(readOnnx(bytes), { backend }))).toThrow(OnnxError);
    expect(backend.memory().buffers).toBe(0);
  });
});

it.each([null, undefined, new Uint8Array(3), 'model.onnx', {}])('what is no file is refused: %o', (given) => {
  expect(() => importModel(given as never)).toThrow(/importModel: wanted a file as readOnnx\(bytes\) gives it/);
  expect(() => importLayers(given as never)).toThrow(ArgumentError);
});
