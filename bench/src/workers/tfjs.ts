import * as tf from '@tensorflow/tfjs-core';
import type { Row } from '../grid/Row.js';
import type { Engine, Job } from './Engine.js';
import { learningRate, maxNorm, parametersOf, tokenBatches } from './numbers.js';
import { oneBehind } from './oneBehind.js';
import { runtime } from './runtime.js';
import { startTfjs, type TfjsBackend } from './startTfjs.js';

/**
 * TensorFlow.js through its public ops. Its layers compute the input's product inside the time loop; here it is hoisted, which
 * is faster. The embedding is a product with one-hot rows, since its WebAssembly backend cannot train a gather, and weights are
 * stored transposed, since its products with a transposed operand are slow.
 */
export async function tfjsEngine(backend: TfjsBackend): Promise<Engine> {
  const details = await startTfjs(backend);
  // Results there come later: to wait for each at once would leave the device idle.
  const onDevice = backend === 'webgl' || backend === 'webgpu';
  return {
    facts: { runtime: runtime(), version: tf.version_core, details },
    prepare(row) {
      if (row.cell === 'mgu') throw new Error('TensorFlow.js is measured on the usual cells only.');
      return row.mode === 'train' ? trainingJob(row, onDevice) : inferenceJob(row, onDevice);
    },
  };
}

type Carry = tf.Tensor2D[][];

function trainingJob(row: Row, onDevice: boolean): Job {
  const model = modelOf(row);
  const batches = tokenBatches(row).map(({ inputs, targets }) => ({
    inputs: oneHot(inputs, row.vocabulary),
    targets: oneHot(targets, row.vocabulary),
  }));
  const optimiser = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  let carry = model.initialCarry();
  let steps = 0;
  let loss: tf.Scalar | null = null;
  const behind = oneBehind();
  return {
    parameters: model.parameters,
    step() {
      const { inputs, targets } = batches[steps++ % batches.length] as (typeof batches)[number];
      let after: Carry = carry;
      const { value, grads } = tf.variableGrads(() => {
        const result = model.forward(inputs, carry);
        after = result.carry.map((layer) => layer.map((part) => tf.keep(part)));
        return tf.losses.softmaxCrossEntropy<tf.Tensor2D, tf.Scalar>(targets, result.logits);
      });
      tf.tidy(() => optimiser.applyGradients(clip(grads)));
      tf.dispose([grads, carry]);
      carry = after;
      // On a device it is being read still.
      const former = loss ?? [];
      loss = value;
      if (onDevice) return behind(value.data()).then(() => tf.dispose(former));
      tf.dispose(former);
      return undefined;
    },
    loss: async () => (await (loss as tf.Scalar).data())[0] as number,
    dispose() {
      tf.dispose([carry, batches, loss ?? []]);
      optimiser.dispose();
      model.dispose();
    },
  };
}

function inferenceJob(row: Row, onDevice: boolean): Job {
  const model = modelOf(row);
  const batches = tokenBatches(row).map(({ inputs }) => oneHot(inputs, row.vocabulary));
  let carry = model.initialCarry();
  let steps = 0;
  let first = 0;
  const awaited = async (chosen: tf.Tensor, logits: tf.Tensor): Promise<void> => {
    const [values] = await Promise.all([logits.data(), chosen.data()]);
    first = values[0] as number;
    tf.dispose([chosen, logits]);
  };
  return {
    parameters: model.parameters,
    step() {
      const former = carry;
      const { chosen, logits, after } = tf.tidy(() => {
        const result = model.forward(batches[steps++ % batches.length] as tf.Tensor2D, former);
        return { chosen: tf.argMax(result.logits, 1), logits: result.logits, after: result.carry };
      });
      tf.dispose(former);
      carry = after;
      if (onDevice) return awaited(chosen, logits);
      chosen.dataSync();
      first = logits.dataSync()[0] as number;
      tf.dispose([chosen, logits]);
      return undefined;
    },
    loss: () => first,
    dispose() {
      tf.dispose([carry, batches]);
      model.dispose();
    },
  };
}

function clip(grads: tf.NamedTensorMap): { name: string; tensor: tf.Tensor }[] {
  const squares = Object.values(grads).map((grad) => tf.sum(tf.square(grad)));
  const scale = tf.minimum(tf.div(maxNorm, tf.add(tf.sqrt(tf.addN(squares)), 1e-6)), 1);
  return Object.entries(grads).map(([name, grad]) => ({ name, tensor: tf.mul(grad, scale) }));
}

function oneHot(tokens: Int32Array, classes: number): tf.Tensor2D {
  return tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(tokens, 'int32'), classes), 'float32')) as tf.Tensor2D;
}

function modelOf(row: Row) {
  const { batch, time, hidden, layers } = row;
  const variables = new Map(
    parametersOf(row).map(({ name, shape, values }) => [
      name,
      tf.tidy(() => {
        const value = tf.tensor(values, [...shape]);
        const turned = name.startsWith('rnn.weight') || name === 'head.weight';
        return tf.variable(turned ? tf.transpose(value) : value, true, name);
      }),
    ]),
  );
  const matrix = (name: string): tf.Tensor2D => variables.get(name) as unknown as tf.Tensor2D;

  function layer(
    index: number,
    input: tf.Tensor2D,
    carry: tf.Tensor2D[],
  ): { output: tf.Tensor2D; carry: tf.Tensor2D[] } {
    const [fromInput, fromHidden] = [matrix(`rnn.bias_ih_l${index}`), matrix(`rnn.bias_hh_l${index}`)];
    const weight = matrix(`rnn.weight_hh_l${index}`);
    const inside = row.cell === 'gru';
    const bias = inside ? fromInput : tf.add(fromInput, fromHidden);
    const products = tf.add(tf.matMul(input, matrix(`rnn.weight_ih_l${index}`)), bias);
    const outputs: tf.Tensor2D[] = [];
    // The gradient of `unstack` into one part throws.
    const parts = time === 1 ? [products] : tf.unstack(tf.reshape(products, [time, batch, -1]));
    for (const fromX of parts as tf.Tensor2D[]) {
      const product = tf.matMul(carry[0] as tf.Tensor2D, weight);
      const fromH = (inside ? tf.add(product, fromHidden) : product) as tf.Tensor2D;
      carry = cellStep(row.cell, fromX, fromH, carry);
      outputs.push(carry[0] as tf.Tensor2D);
    }
    return { output: tf.reshape(tf.stack(outputs), [time * batch, hidden]), carry };
  }

  return {
    parameters: [...variables.values()].reduce((sum, variable) => sum + variable.size, 0),
    initialCarry: (): Carry =>
      Array.from({ length: layers }, () =>
        Array.from({ length: row.cell === 'lstm' ? 2 : 1 }, () => tf.zeros<tf.Rank.R2>([batch, hidden])),
      ),
    forward(inputs: tf.Tensor2D, carry: Carry): { logits: tf.Tensor2D; carry: Carry } {
      let output = tf.matMul<tf.Tensor2D>(inputs, matrix('embedding.weight'));
      const after = carry.map((parts, index) => {
        const result = layer(index, output, parts);
        output = result.output;
        return result.carry;
      });
      const logits = tf.add<tf.Tensor2D>(tf.matMul(output, matrix('head.weight')), matrix('head.bias'));
      return { logits, carry: after };
    },
    dispose: () => tf.dispose([...variables.values()]),
  };
}

function cellStep(cell: Row['cell'], x: tf.Tensor2D, h: tf.Tensor2D, carry: tf.Tensor2D[]): tf.Tensor2D[] {
  if (cell === 'rnn') return [tf.tanh(tf.add(x, h))];
  if (cell === 'lstm') {
    const [i, f, g, o] = tf.split(tf.add(x, h), 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    const c = tf.add<tf.Tensor2D>(tf.mul(tf.sigmoid(f), carry[1] as tf.Tensor2D), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(c)), c];
  }
  const [xr, xz, xn] = tf.split(x, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const [hr, hz, hn] = tf.split(h, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  const z = tf.sigmoid(tf.add(xz, hz));
  const n = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), hn)));
  return [tf.add(n, tf.mul(z, tf.sub(carry[0] as tf.Tensor2D, n)))];
}
