import { init, jit, nn, numpy as np, tree, valueAndGrad, defaultDevice } from '@jax-js/jax';
import type { Row } from '../grid/Row.js';
import { adapterName } from './adapterName.js';
import type { Engine, Job } from './Engine.js';
import { parametersOf, tokenBatches } from './numbers.js';
import { oneBehind } from './oneBehind.js';
import { runtime } from './runtime.js';

type Weights = Record<string, np.Array>;

/**
 * jax-js, time unrolled under one `jit` of the loss with its gradient: forward and backward only, every step from zeros, without
 * clipping and Adam. Arrays are consumed by what they are passed to, hence `.ref`.
 */
export async function jaxEngine(device: 'wasm' | 'webgpu', version: string): Promise<Engine> {
  const details: Record<string, string> = device === 'webgpu' ? { adapter: await adapterName() } : {};
  if (!(await init(device)).includes(device)) throw new Error(`jax-js cannot start its device ${device} here.`);
  defaultDevice(device);
  return { facts: { runtime: runtime(), version, details }, prepare: (row) => prepare(row, device) };
}

function prepare(row: Row, device: 'wasm' | 'webgpu'): Job {
  if (row.mode === 'infer' || row.cell === 'mgu')
    throw new Error('jax-js is measured in training of the usual cells only.');
  const given = parametersOf(row);
  const weights: Weights = Object.fromEntries(
    given.map(({ name, shape, values }) => {
      const turned = name.startsWith('rnn.weight') || name === 'head.weight';
      const value = np.array(values).reshape([...shape]);
      return [name, turned ? value.transpose() : value];
    }),
  );
  const batches = tokenBatches(row).map(({ inputs, targets }) => ({
    inputs: oneHot(inputs, row.vocabulary),
    targets: oneHot(targets, row.vocabulary),
  }));
  const step = jit(valueAndGrad((w: Weights, x: np.Array, y: np.Array) => lossOf(row, w, x, y)));
  let steps = 0;
  let loss: np.Array | null = null;
  const behind = oneBehind();
  return {
    parameters: given.reduce((sum, { values }) => sum + values.length, 0),
    step() {
      const { inputs, targets } = batches[steps++ % batches.length] as (typeof batches)[number];
      const [value, gradient] = step(tree.ref(weights), inputs.ref, targets.ref) as [np.Array, Weights];
      tree.dispose(gradient);
      loss?.dispose();
      loss = value;
      if (device === 'webgpu') return behind(value.ref.data());
      value.ref.dataSync();
      return undefined;
    },
    loss: async () => (await (loss as np.Array).ref.data())[0] as number,
    dispose() {
      tree.dispose(weights);
      tree.dispose(batches);
      loss?.dispose();
      step.dispose();
    },
  };
}

function lossOf(row: Row, weights: Weights, inputs: np.Array, targets: np.Array): np.Array {
  const { time, batch, hidden, vocabulary } = row;
  const weight = (name: string): np.Array => (weights[name] as np.Array).ref;
  let output = np.matmul(inputs, weight('embedding.weight'));
  for (let layer = 0; layer < row.layers; layer++) {
    const inside = row.cell === 'gru';
    const [fromInput, fromHidden] = [weight(`rnn.bias_ih_l${layer}`), weight(`rnn.bias_hh_l${layer}`)];
    const bias = inside ? fromInput : fromInput.add(fromHidden);
    const products = np
      .matmul(output, weight(`rnn.weight_ih_l${layer}`))
      .add(bias)
      .reshape([time, batch, -1]);
    const outputs: np.Array[] = [];
    let h = np.zeros([batch, hidden]);
    let c = np.zeros([batch, hidden]);
    for (let t = 0; t < time; t++) {
      const x = products.ref.slice(t);
      const product = np.matmul(h.ref, weight(`rnn.weight_hh_l${layer}`));
      const former = h;
      if (row.cell === 'rnn') {
        h = np.tanh(x.add(product));
        former.dispose();
      } else if (row.cell === 'lstm') {
        const [i, f, g, o] = np.split(x.add(product), 4, 1) as [np.Array, np.Array, np.Array, np.Array];
        c = nn
          .sigmoid(f)
          .mul(c)
          .add(nn.sigmoid(i).mul(np.tanh(g)));
        h = nn.sigmoid(o).mul(np.tanh(c.ref));
        former.dispose();
      } else {
        const [xr, xz, xn] = np.split(x, 3, 1) as [np.Array, np.Array, np.Array];
        const [hr, hz, hn] = np.split(product.add(fromHidden.ref), 3, 1) as [np.Array, np.Array, np.Array];
        const n = np.tanh(xn.add(nn.sigmoid(xr.add(hr)).mul(hn)));
        h = n.ref.add(nn.sigmoid(xz.add(hz)).mul(former.sub(n)));
      }
      outputs.push(h.ref);
    }
    c.dispose();
    h.dispose();
    products.dispose();
    if (inside) fromHidden.dispose();
    output = np.stack(outputs).reshape([time * batch, hidden]);
  }
  const logits = np.matmul(output, weight('head.weight')).add(weight('head.bias'));
  tree.dispose(weights);
  return nn
    .logSoftmax(logits.reshape([time * batch, vocabulary]), 1)
    .mul(targets)
    .sum()
    .mul(-1 / (time * batch));
}

function oneHot(tokens: Int32Array, classes: number): np.Array {
  const values = new Float32Array(tokens.length * classes);
  tokens.forEach((token, index) => (values[index * classes + token] = 1));
  return np.array(values).reshape([tokens.length, classes]);
}
