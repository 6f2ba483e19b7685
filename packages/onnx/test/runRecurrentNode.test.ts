import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { createBackend } from '@tempograd/backend-js';
import { fromArray, ones, sum, useBackend, valueAndGrad, type Tensor } from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import { readTensor } from '../src/file/tensors.js';
import { readOnnx, runRecurrentNode, type OnnxNode } from '../src/index.js';
import { TensorProtoSchema } from '../src/proto/onnx_pb.js';
import { expectSame } from './support/close.js';
import { numbers } from './support/numbers.js';
import { operatorFile, type TestNode, type TestTensor } from './support/operatorFile.js';
import { feed, useRuntime } from './support/runtime.js';

useBackend(createBackend());

const opened = useRuntime();

const folder = join(import.meta.dirname, 'backend');
const cases = readdirSync(folder).filter((name) => name.startsWith('test_'));

describe('backend tests of ONNX', () => {
  it('are all there', () => {
    expect(cases.length).toBe(18);
  });

  it.each(cases)('%s', (name) => {
    const file = readOnnx(readFileSync(join(folder, name, 'model.onnx')));
    const stored = (kind: string, index: number): Tensor => {
      const bytes = readFileSync(join(folder, name, `${kind}_${index}.pb`));
      const { type, shape, data } = readTensor(fromBinary(TensorProtoSchema, bytes));
      return fromArray(data as Float32Array, shape, { dtype: type === 'int32' ? 'i32' : 'f32' });
    };
    const inputs = new Map(file.inputs.map((input, index) => [input.name, stored('input', index)]));
    const node = file.nodes[0] as OnnxNode;
    const results = runRecurrentNode(
      node,
      node.inputs.map((input) => inputs.get(input) ?? null),
    );
    const named = new Map(node.outputs.map((output, index) => [output, results[index]]));
    expect(file.outputs.length).toBeGreaterThan(0);
    for (const [index, output] of file.outputs.entries()) {
      expectSame(named.get(output.name) as Tensor, stored('output', index), output.name);
    }
  });
});

const [time, batch, size, hidden] = [4, 3, 2, 3];
const gates = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Operator = keyof typeof gates;

/** All inputs of an operator, by name. */
function allInputs(op: Operator, directions: number, peepholes: boolean): Record<string, Tensor> {
  const rows = gates[op] * hidden;
  return {
    X: numbers(1, [time, batch, size]),
    W: numbers(2, [directions, rows, size]),
    R: numbers(3, [directions, rows, hidden]),
    B: numbers(4, [directions, 2 * rows]),
    sequence_lens: fromArray([4, 1, 3], [batch], { dtype: 'i32' }),
    initial_h: numbers(5, [directions, batch, hidden]),
    ...(op === 'LSTM' ? { initial_c: numbers(6, [directions, batch, hidden]) } : {}),
    ...(peepholes ? { P: numbers(7, [directions, 3 * hidden]) } : {}),
  };
}

interface Variant {
  readonly op: Operator;
  readonly peepholes?: boolean;
  readonly without?: readonly string[];
  readonly attributes: NonNullable<TestNode['attributes']>;
}

const alone = ['LeakyRelu', 'HardSigmoid', 'Elu', 'Softsign', 'Softplus', 'Relu', 'Sigmoid'];
const variants: Variant[] = [
  { op: 'LSTM', attributes: {} },
  { op: 'LSTM', attributes: {}, peepholes: true },
  { op: 'LSTM', attributes: { direction: 'bidirectional' }, peepholes: true },
  { op: 'LSTM', attributes: { direction: 'reverse', input_forget: 1 } },
  { op: 'LSTM', attributes: { clip: { f: 0.5 } } },
  { op: 'LSTM', attributes: { activations: ['HardSigmoid', 'Softsign', 'Relu'], activation_alpha: { floats: [0.3] } } },
  { op: 'LSTM', attributes: {}, without: ['B', 'sequence_lens', 'initial_h', 'initial_c'] },
  { op: 'GRU', attributes: {} },
  { op: 'GRU', attributes: { direction: 'bidirectional' } },
  { op: 'GRU', attributes: { linear_before_reset: 1, direction: 'reverse' } },
  { op: 'GRU', attributes: { linear_before_reset: 1, clip: { f: 0.5 } } },
  { op: 'GRU', attributes: { activations: ['sigmoid', 'relu'] } },
  { op: 'GRU', attributes: {}, without: ['B', 'sequence_lens'] },
  { op: 'RNN', attributes: {} },
  { op: 'RNN', attributes: { activations: ['Relu', 'Relu'], direction: 'bidirectional' } },
  { op: 'RNN', attributes: { activations: ['Tanh', 'Relu'], direction: 'bidirectional' } },
  { op: 'RNN', attributes: { clip: { f: 0.4 } } },
  ...alone.map((name): Variant => ({ op: 'RNN', attributes: { activations: [name] } })),
  ...[
    ['Affine', 'LeakyRelu'],
    ['ScaledTanh', 'Affine'],
    ['ThresholdedRelu', 'ScaledTanh'],
    ['Elu', 'HardSigmoid'],
  ].map((activations): Variant => ({
    op: 'RNN',
    attributes: {
      activations,
      activation_alpha: { floats: [0.7, 0.2] },
      activation_beta: { floats: [0.4, 0.1] },
      direction: 'bidirectional',
    },
  })),
];

describe('one node, as onnxruntime runs it', () => {
  it.each(variants)('$op $attributes, peepholes $peepholes, without $without', async (variant) => {
    const { op, attributes, peepholes = false, without = [] } = variant;
    const directions = attributes['direction'] === 'bidirectional' ? 2 : 1;
    const inputs = Object.entries(allInputs(op, directions, peepholes)).filter(([name]) => !without.includes(name));
    const order = ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h', 'initial_c', 'P'].slice(0, op === 'LSTM' ? 8 : 6);
    const given = new Map(inputs);
    const names = order.map((name) => (given.has(name) ? name : ''));
    const outputs = ['Y', 'Y_h', ...(op === 'LSTM' ? ['Y_c'] : [])];
    const bytes = operatorFile(
      [{ op, inputs: names, outputs, attributes: { hidden_size: hidden, ...attributes } }],
      Object.fromEntries(
        inputs.map(([name, tensor]): [string, TestTensor] => [
          name,
          { shape: tensor.shape, type: tensor.dtype === 'i32' ? 6 : 1 },
        ]),
      ),
      outputs,
    );
    const results = runRecurrentNode(
      readOnnx(bytes).nodes[0] as OnnxNode,
      names.map((name) => given.get(name) ?? null),
    );
    const session = await opened(bytes);
    const wanted = await session.run(Object.fromEntries(inputs.map(([name, tensor]) => [name, feed(tensor)])));
    expect(results.length).toBe(outputs.length);
    for (const [index, name] of outputs.entries()) {
      const { data, shape } = wanted[name] as NonNullable<(typeof wanted)[string]>;
      expectSame(results[index] as Tensor, fromArray(data, shape), name);
    }
  });
});

describe('a node of a file', () => {
  const node = (op: string, attributes: TestNode['attributes'] = {}): OnnxNode =>
    readOnnx(operatorFile([{ op, inputs: [], outputs: ['Y'], attributes }], {}, ['Y'])).nodes[0] as OnnxNode;
  const { X, W, R, P } = allInputs('LSTM', 1, true) as Record<'X' | 'W' | 'R' | 'P', Tensor>;

  it('has gradients, with peepholes too', () => {
    const loss = valueAndGrad((tree: { W: Tensor; R: Tensor; P: Tensor }) => {
      const [y] = runRecurrentNode(node('LSTM'), [X, tree.W, tree.R, null, null, null, null, tree.P]);
      return sum(y as Tensor);
    });
    const { gradient } = loss({ W, R, P });
    for (const tensor of Object.values(gradient)) {
      const values = [...tensor.readSync()];
      expect(values.every(Number.isFinite) && values.some((value) => value !== 0)).toBe(true);
    }
  });

  it('refuses in words what it cannot be', () => {
    const rnn = [ones([1, 1, 2]), ones([1, 3, 2]), ones([1, 3, 3])];
    for (const [call, message] of [
      [() => runRecurrentNode(undefined as never, [X, W, R]), /wanted are a node of a file/],
      [() => runRecurrentNode(node('LSTM'), { X } as never), /the list of its inputs/],
      [() => runRecurrentNode(node('Conv'), [X, W, R]), /Conv "" is no recurrent operator/],
      [() => runRecurrentNode(node('LSTM', { direction: 'up' }), [X, W, R]), /direction = "up"/],
      [() => runRecurrentNode(node('LSTM', { activations: ['Tanh'] }), [X, W, R]), /activations = \["Tanh"\]/],
      [() => runRecurrentNode(node('RNN', { activations: ['Gelu'] }), [X, W, R]), /activations = \["Gelu"\]/],
      [() => runRecurrentNode(node('RNN', { activations: ['Affine'] }), rnn), /Affine needs activation_alpha/],
      [() => runRecurrentNode(node('LSTM', { layout: 2 }), [X, W, R]), /layout = 2/],
      [() => runRecurrentNode(node('LSTM', { clip: { f: -1 } }), [X, W, R]), /clip = -1/],
      [
        () => runRecurrentNode(node('LSTM', { hidden_size: 4 }), [X, W, R]),
        /W should be \[1, 16, 2\] here, but is \[1, 12, 2\]/,
      ],
      [() => runRecurrentNode(node('LSTM'), [X, W]), /X, W and R must be there/],
      [() => runRecurrentNode(node('GRU'), [X, W, R, null, null, null, null]), /was given 7 inputs/],
      [() => runRecurrentNode(node('LSTM'), [ones([2]), W, R]), /X must be \[time, batch, inputs\], but is \[2\]/],
    ] as const) {
      expect(call).toThrow(message);
    }
  });
});
