import {
  concat,
  disposeTree,
  grad,
  mul,
  scan,
  sum,
  useBackend,
  type RecurrentParams,
  type Tensor,
} from '@tempograd/core';
import { fromTfjs, tfjs } from '@tempograd/backend-tfjs';
import { fromTfLayer, toTfLayer } from '@tempograd/backend-tfjs/layers';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, model, input, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';

type Layer = ReturnType<typeof layers.simpleRNN>;
type Settings = Parameters<typeof layers.lstm>[0];

const [batch, time, features, units] = [3, 7, 4, 5];

const kinds: Record<string, (settings: Settings) => Layer> = {
  SimpleRNN: ({ recurrentActivation: _, ...settings }) => layers.simpleRNN(settings),
  'SimpleRNN with relu': ({ recurrentActivation: _, ...settings }) =>
    layers.simpleRNN({ ...settings, activation: 'relu' }),
  LSTM: (settings) => layers.lstm(settings),
  GRU: (settings) => layers.gru(settings),
};

beforeAll(async () => {
  await tf.setBackend('cpu');
  useBackend(tfjs(tf));
});

/** A built layer with every weight random, biases too, and what it gives for an input. */
function built(make: (settings: Settings) => Layer, settings: Partial<Settings> = {}, seed = 1) {
  const layer = make({
    units,
    returnSequences: true,
    recurrentInitializer: 'glorotNormal',
    recurrentActivation: 'sigmoid',
    ...settings,
  });
  const x = input({ shape: [time, features] });
  const whole = model({ inputs: x, outputs: layer.apply(x) as SymbolicTensor });
  layer.setWeights(
    layer.getWeights().map(({ shape }, index) => tf.randomNormal(shape, 0, 0.4, 'float32', seed + index)),
  );
  return { layer, predict: (values: tf.Tensor) => whole.predict(values) as tf.Tensor };
}

/** What the cell gives for the same input, `[batch, time, units]`. */
function run(layer: Layer, x: tf.Tensor): number[] {
  const { cell, params } = fromTfLayer(layer) as { cell: Parameters<typeof scan>[0]; params: RecurrentParams };
  const inputs = fromTfjs(tf.transpose(x, [1, 0, 2]));
  const { output } = scan(cell, params, cell.initialCarry(batch), inputs) as { output: Tensor };
  const values = tf.tensor(output.readSync(), [time, batch, units]);
  return [...tf.transpose(values, [1, 0, 2]).dataSync()];
}

const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, index) => Math.abs(value - (b[index] as number))));

for (const [name, make] of Object.entries(kinds)) {
  for (const useBias of [true, false]) {
    test(`${name}${useBias ? '' : ' without bias'}: the cell gives what the layer gives`, () => {
      const { layer, predict } = built(make, { useBias });
      const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 9);
      const expected = predict(x).dataSync();
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.1);
      expect(difference(run(layer, x), expected)).toBeLessThan(1e-5);
    });
  }

  test(`${name}: weights go back, into another layer too`, () => {
    const source = built(make, {}, 1);
    const target = built(make, {}, 50);
    toTfLayer(fromTfLayer(source.layer).params, target.layer);
    const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 9);
    expect([...target.predict(x).dataSync()]).toEqual([...source.predict(x).dataSync()]);
  });

  test(`${name}: both biases are added up on the way back`, () => {
    const { layer, predict } = built(make);
    const { params } = fromTfLayer(layer);
    const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 9);
    const expected = [...predict(x).dataSync()];
    const half = mul(params.bias_ih as Tensor, 0.25);
    toTfLayer({ ...params, bias_ih: mul(half, 3), bias_hh: half }, layer);
    expect(difference(predict(x).dataSync(), expected)).toBeLessThan(1e-6);
  });

  test(`${name}: gradients are those of tfjs`, () => {
    const { layer, predict } = built(make);
    const x = tf.randomNormal([batch, time, features], 0, 1, 'float32', 9);
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.square(predict(x))));
    const expected = layer.trainableWeights.map(({ originalName, name: full }) => {
      const found = Object.entries(grads).find(([key]) => key === full || key === originalName);
      return (found as [string, tf.Tensor])[1];
    });
    const { cell, params } = fromTfLayer(layer) as { cell: Parameters<typeof scan>[0]; params: RecurrentParams };
    const inputs = fromTfjs(tf.transpose(x, [1, 0, 2]));
    const gradient = grad((p: RecurrentParams) => {
      const { output } = scan(cell, p, cell.initialCarry(batch), inputs) as { output: Tensor };
      return sum(mul(output, output));
    })(params);
    // Both biases have the gradient of the one; the way back adds them up, so one of them goes.
    const zero = mul(gradient.bias_hh as Tensor, 0);
    toTfLayer({ ...gradient, bias_hh: zero }, layer);
    for (const [index, weight] of layer.getWeights().entries()) {
      const wanted = (expected[index] as tf.Tensor).dataSync();
      const scale = Math.max(...wanted.map(Math.abs));
      expect(difference(weight.dataSync(), wanted) / scale).toBeLessThan(2e-5);
    }
  });
}

test.each([
  [
    'the default gates of tf.layers',
    () => built(kinds['LSTM']!, { recurrentActivation: 'hardSigmoid' }).layer,
    /hardSigmoid", the default of tf\.layers.*recurrentActivation: 'sigmoid'/,
  ],
  ['another activation', () => built(kinds['GRU']!, { activation: 'relu' }).layer, /has activation "relu"; only tanh/],
  ['a layer that goes backwards', () => built(kinds['LSTM']!, { goBackwards: true }).layer, /reverse: true/],
  ['a layer that is not built', () => layers.lstm({ units, recurrentActivation: 'sigmoid' }), /has no weights yet/],
  ['another layer', () => layers.dense({ units }), /is a Dense; wanted a SimpleRNN, LSTM or GRU/],
])('%s: refused with what to do', (_, layer, message) => {
  expect(() => fromTfLayer(layer())).toThrow(message);
});

test('what does not fit a layer is refused', () => {
  const { params } = fromTfLayer(built(kinds['LSTM']!).layer);
  expect(() => toTfLayer(params, built(kinds['LSTM']!, { useBias: false }).layer)).toThrow(/useBias: false/);
  expect(() => toTfLayer(params, built(kinds['LSTM']!, { units: 6 }).layer)).toThrow(
    /is \[4, 24\], and the parameters give \[4, 20\]/,
  );
  expect(() =>
    toTfLayer({ ...params, weight_ih: concat([params.weight_ih, params.weight_ih]) }, built(kinds['LSTM']!).layer),
  ).toThrow(/sizes/);
});

test('nothing stays in tfjs but the parameters', () => {
  const { layer } = built(kinds['GRU']!);
  const before = tf.memory().numTensors;
  const { params } = fromTfLayer(layer);
  expect(tf.memory().numTensors - before).toBe(4);
  toTfLayer(params, layer);
  disposeTree(params);
  expect(tf.memory().numTensors).toBe(before);
});
