import { createBackend } from '@tempograd/backend-js';
import {
  fromArray,
  key,
  normal,
  scope,
  shareTree,
  split,
  treeLeaves,
  useBackend,
  valueAndGrad,
  zeros,
  type Backend,
  type Key,
  type Tensor,
} from '@tempograd/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { sequenceModel, type SequenceModel, type SequenceModelConfig, type SequenceStretch } from '../src/index.js';
import { expectClose } from './support/close.js';

/** A backend that counts the rows that linear layers are applied to; where it cannot be read at once, the readout is computed of every step. */
function watchedBackend(readsAtOnce: boolean): { readonly backend: Backend; takeRows(): number } {
  const inner = createBackend();
  let rows = 0;
  const linearForward: NonNullable<typeof inner.linearForward> = (x, ...rest) => {
    rows += x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    return inner.linearForward!(x, ...rest);
  };
  const backend = Object.create(inner, {
    linearForward: { value: linearForward },
    ...(readsAtOnce ? {} : { readSync: { value: undefined } }),
  }) as Backend;
  return {
    backend,
    takeRows() {
      const taken = rows;
      rows = 0;
      return taken;
    },
  };
}

const [reads, late] = [watchedBackend(true), watchedBackend(false)];

beforeEach(() => {
  useBackend(reads.backend);
  const count = (): number => reads.backend.memory().buffers + late.backend.memory().buffers;
  const before = count();
  return () => expect(count(), 'live buffers').toBe(before);
});

const [time, batch] = [12, 3];
const config = { input: { features: 2 }, hidden: 4, outputs: 5 } as const;
const models: Record<string, SequenceModelConfig> = {
  classes: { ...config, loss: 'crossEntropy', dropout: 0.4 },
  'classes, some ignored and weighted': {
    ...config,
    loss: 'crossEntropy',
    ignoreIndex: 2,
    classWeights: [1, 2, 3, 4, 5],
  },
  numbers: { ...config, loss: 'meanSquaredError', dropout: 0.4 },
  'yes or no': { ...config, loss: 'binaryCrossEntropy' },
};

/** Where losses count, and of how many steps the readout is computed. */
const places: Record<string, [where: Where, steps: number]> = {
  'one row at one step': [(step, row) => step === 7 && row === 2, 1],
  'rows at different steps': [(step, row) => step === 3 * row + 2, 3],
  'the end': [(step) => step >= 9, 3],
  'the beginning': [(step) => step < 2, 2],
  'every third step': [(step) => step % 3 === 1, 4],
  'all but the first': [(step) => step > 0, time - 1],
  'all but one in the middle, which costs less than choosing': [(step) => step !== 5, time],
  'no step': [() => false, 0],
  'all steps': [() => true, time],
};

type Where = (step: number, row: number) => boolean;

/** Loss and the gradients of parameters and outputs, and how many rows the head was applied to. */
async function lossBy(
  { backend, takeRows }: ReturnType<typeof watchedBackend>,
  model: SequenceModel,
  where: Where,
  by: 'mask' | 'targets',
): Promise<{ numbers: number[]; rows: number }> {
  const tensors = scope(() => {
    const [k1, k2, k3, k4] = split(key(1), 4) as [Key, Key, Key, Key];
    const f64 = { dtype: 'f64', backend } as const;
    const shape = [time, batch] as const;
    const isClass = model.config.loss === 'crossEntropy';
    const counts = Array.from({ length: time * batch }, (_, at) => where(Math.floor(at / batch), at % batch));
    const classes = counts.map((counted, at) => (counted || by === 'mask' ? at % 5 : -1));
    const numbers = Array.from({ length: time * batch * 5 }, (_, at) => (at % 3) / 2);
    const stretch: SequenceStretch = {
      inputs: normal(k2, [...shape, 2], f64),
      targets: isClass ? fromArray(classes, shape, { dtype: 'i32', backend }) : fromArray(numbers, [...shape, 5], f64),
      ...(by === 'mask' ? { lossMask: fromArray(counts.map(Number), shape, { dtype: 'i32', backend }) } : {}),
    };
    const point = { params: model.init(k1, f64), output: normal(k3, [...shape, 4], f64) };
    takeRows();
    const loss = valueAndGrad(({ params, output }: typeof point) =>
      model.loss(params, output, stretch, { from: 30, key: k4 }),
    );
    const { value, gradient } = loss(point);
    return shareTree([value, ...treeLeaves(gradient)]);
  });
  const numbers = (await Promise.all(tensors.map((leaf) => leaf.read()))).flatMap((values) => [...values]);
  for (const leaf of tensors) leaf.dispose();
  return { numbers, rows: takeRows() };
}

describe.each(Object.keys(models))('%s', (name) => {
  const model = sequenceModel(models[name] as SequenceModelConfig);
  test.each(Object.keys(places))('losses at %s: the same without the readout of other steps', async (place) => {
    const [where, steps] = places[place] as [Where, number];
    for (const by of model.config.loss === 'crossEntropy' ? (['mask', 'targets'] as const) : (['mask'] as const)) {
      const [chosen, whole] = [await lossBy(reads, model, where, by), await lossBy(late, model, where, by)];
      expectClose(chosen.numbers, whole.numbers, 1e-12, by);
      expect([chosen.rows, whole.rows], by).toEqual([steps * batch, time * batch]);
    }
  });
});

test('what does not fit is still named, also in steps that have no loss elsewhere', () => {
  const model = sequenceModel({ ...config, loss: 'crossEntropy' });
  scope(() => {
    const params = model.init(key(1));
    const outputs = zeros([time, batch, 4]);
    const targets = (fill: (at: number) => number, rows = batch): Tensor =>
      fromArray(
        Array.from({ length: time * rows }, (_, at) => fill(at)),
        [time, rows],
        { dtype: 'i32' },
      );
    const lossOf = (labels: Tensor): Tensor =>
      model.loss(params, outputs, { inputs: zeros([time, batch, 2]), targets: labels }, { from: 100, key: null });
    expect(lossOf(targets(() => -1)).readSync()).toEqual(new Float32Array([0]));
    expect(() => lossOf(targets((at) => (at === 3 * batch + 1 ? 7 : -1)))).toThrow(/step 103.*row 1|7.*103/);
    expect(() => lossOf(targets(() => -1, 2))).toThrow(/targets must be classes/);
  });
});
