import { add, disposeTree, fromArray, key, mul, normal, scope, tensor, zeros, type Tensor } from '@tempograd/core';
import { expect, it } from 'vitest';
import {
  predictor,
  readModel,
  sequenceModel,
  writeModel,
  type OwnCell,
  type SequenceModel,
  type SequenceModelParams,
} from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';

withFreshBackend();

const input = { weekday: { vocabulary: 7, embedding: 3 }, values: { features: 2 } };
const steps = {
  weekday: [0, 3, 6, 2],
  values: [
    [0.1, 0.2],
    [-1, 0.5],
    [2, 0],
    [0.3, 0.4],
  ],
};
const stepAt = (at: number) => ({ weekday: steps.weekday[at] as number, values: steps.values[at] as number[] });

const halving: OwnCell = {
  name: 'halving',
  shapes: ({ hiddenSize }) => ({ offset: [hiddenSize] }),
  cell: {
    initialCarry: (batch, options) => zeros([batch, 5], options),
    step(params, carry) {
      const next = add(mul(carry as Tensor, 0.5), (params as { readonly offset: Tensor }).offset);
      return { carry: next, output: next };
    },
  },
};

/** The model's outputs at each step of the sequence. */
function wanted(model: SequenceModel<typeof input>, params: SequenceModelParams<typeof input>): number[] {
  return scope(() => {
    const inputs = {
      weekday: fromArray(steps.weekday, [4, 1], { dtype: 'i32' }),
      values: tensor(steps.values.map((row) => [row])),
    };
    const { output } = model.forward(params, model.initialCarry(params), { inputs }, { from: 0, key: null });
    return [...model.logits(params, output).readSync()];
  });
}

it.each(['none', 'last', 'mean', 'max', 'attention'] as const)(
  'several inputs by name are read step by step, pooled: %s',
  async (pooling) => {
    const model = sequenceModel({ input, hidden: 4, outputs: 3, pooling });
    const params = scope(() => {
      const made = model.init(key(1));
      return made.pooling === undefined ? made : { ...made, pooling: { query: normal(key(2), [4]) } };
    });
    const right = wanted(model, params);
    const ask = predictor(model, params);
    const run = await ask.run(steps);
    expectClose(
      run.flatMap((row) => [...row]),
      right,
      1e-6,
      'run',
    );
    const streams = [ask.stream(), ask.stream()];
    for (let at = 0; at < 4; at++) {
      const both = await Promise.all(streams.map((stream) => stream.step(stepAt(at))));
      for (const row of both) expectClose(row, right.slice(3 * at, 3 * at + 3), 1e-6, `step ${at}`);
    }
    const last = ask.stream();
    const listed = await last.run([stepAt(0), stepAt(1)]);
    expectClose(listed[1] as Float32Array, right.slice(3, 6), 1e-6, 'a list of steps');
    for (const stream of [ask, last, ...streams]) stream.reset();
    disposeTree(params);
  },
);

it('several inputs that do not fit are told by name', async () => {
  const model = sequenceModel({ input, hidden: 4, outputs: 3 });
  const params = scope(() => model.init(key(1)));
  const ask = predictor(model, params);
  await expect(ask.step(3)).rejects.toThrow(
    'predictor.step: the model reads several inputs, { weekday, values }, but was given 3',
  );
  await expect(ask.step({ weekday: 3 })).rejects.toThrow('was given no "values"');
  await expect(ask.step({ ...stepAt(0), hour: 3 })).rejects.toThrow('was given "hour" too');
  await expect(ask.step({ weekday: 7, values: [1, 2] })).rejects.toThrow(
    'predictor.step, weekday: the model reads items by number, 0 to 6',
  );
  await expect(ask.step({ weekday: 1, values: [1] })).rejects.toThrow(
    'predictor.step, values: the model reads 2 features',
  );
  await expect(ask.run({ weekday: [1, 2], values: [[1, 2]] })).rejects.toThrow(
    'predictor.run: inputs must have the same steps, but weekday has 2 and values has 1',
  );
  await expect(ask.run('text')).rejects.toThrow('was given "text"');
  await expect(ask.run(null as never)).rejects.toThrow('a list of steps is wanted');
  await expect(ask.forecast(2)).rejects.toThrow('numbers are forecast, by a model that reads features');
  disposeTree(params);
});

it('models of several inputs, that pool, with a cell of one’s own, are saved and read again', async () => {
  const model = sequenceModel({ input, cell: halving, hidden: 5, outputs: 3, pooling: 'attention', layerNorm: true });
  const params = scope(() => model.init(key(1)));
  const bytes = await writeModel({ model, params });
  const read = readModel<typeof input>(bytes, { cells: [halving] });
  expect(JSON.stringify(read.model.config)).toBe(JSON.stringify(model.config));
  expect(wanted(read.model, read.params)).toEqual(wanted(model, params));
  expect(() => readModel(bytes)).toThrow('its cell is "halving", none of ours');
  disposeTree([params, read.params]);
});
