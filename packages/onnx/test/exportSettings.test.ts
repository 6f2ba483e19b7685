import { createBackend } from '@tempograd/backend-js';
import { fromArray, sliceAxis, treeEntries, treeMap, useBackend, type Tensor } from '@tempograd/core';
import {
  lengthsToMask,
  type ModelInput,
  type NamedInputs,
  type InputsOf,
  type SequenceModelCarry,
  type SequenceModelConfig,
} from '@tempograd/nn';
import { describe, expect, it } from 'vitest';
import { exportOnnx, type ExportOnnxOptions } from '../src/index.js';
import { expectSame } from './support/close.js';
import { numbers } from './support/numbers.js';
import { feed, feedBack, feedFlags, useRuntime, type RuntimeSession } from './support/runtime.js';
import { trained, type Trained } from './support/trained.js';

useBackend(createBackend());

const context = { from: 0, key: null };
const opened = useRuntime();

async function exported<I extends ModelInput | NamedInputs>(
  { model, params }: Trained<I>,
  options?: ExportOnnxOptions,
): Promise<RuntimeSession> {
  return opened(await exportOnnx(model, params, options));
}

/** Leaves of a carry by their names in the graph. */
const named = (carry: SequenceModelCarry): Record<string, Tensor> =>
  Object.fromEntries(
    treeEntries(carry).map(([path, leaf]) => [path === '' || path === 'rnn' ? 'h' : path.split('.').at(-1), leaf]),
  );
const asInputs = (carry: SequenceModelCarry): Record<string, ReturnType<typeof feed>> =>
  Object.fromEntries(Object.entries(named(carry)).map(([name, state]) => [`${name}0`, feed(state)]));

/** What the model makes of inputs: outputs, of a model that pools those of the last step, and the carry. */
function ours<I extends ModelInput | NamedInputs>(
  { model, params }: Trained<I>,
  inputs: InputsOf<I>,
  carry: SequenceModelCarry,
  mask: Tensor | null = null,
): Record<string, Tensor> {
  const { output, carry: after } = model.forward(params, carry, { inputs, mask }, context);
  const logits = model.logits(params, output);
  const time = logits.shape[0] as number;
  const outputs = model.config.pooling === 'none' ? logits : sliceAxis(logits, time - 1, time);
  return { outputs, ...named(after) };
}

function expectAll(actual: Awaited<ReturnType<RuntimeSession['run']>>, wanted: Record<string, Tensor>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, tensor] of Object.entries(wanted)) expectSame(actual[name]!, tensor, name);
}

const base = { input: { features: 3 }, hidden: 4, layers: 2, outputs: 2 } as const;
const configs: readonly SequenceModelConfig[] = [
  { ...base, layerNorm: true },
  { ...base, layerNorm: true, bidirectional: true, cell: 'gru' },
  { ...base, residual: true, layers: 3, cell: 'rnnTanh' },
  { ...base, residual: true, layerNorm: true, bidirectional: true },
  ...(['last', 'mean', 'max', 'attention'] as const).flatMap((pooling) =>
    [false, true].map((bidirectional) => ({ ...base, cell: 'gru' as const, layers: 1, pooling, bidirectional })),
  ),
  { ...base, pooling: 'mean', layerNorm: true, residual: true },
];

const settingsOf = (config: SequenceModelConfig): string =>
  JSON.stringify(config, (name, value: unknown) => (['input', 'hidden', 'outputs'].includes(name) ? undefined : value));

describe('an exported model with further settings, run by onnxruntime', () => {
  it.each(configs.map((config) => [settingsOf(config), config] as const))('gives the same: %s', async (_, config) => {
    const made = trained(config);
    const [time, batch] = [5, 4];
    const inputs = numbers(2, [time, batch, 3]);
    const counts = [5, 2, 0, 4];
    const mask = lengthsToMask(counts, time);
    const lengths = feed(fromArray(counts, [batch], { dtype: 'i32' }));
    const start = made.model.initialCarry(made.params, batch);

    const anew = await exported(made, { carry: 'initial', lengths: true });
    expectAll(await anew.run({ inputs: feed(inputs), lengths }), ours(made, inputs, start, mask));

    // A carry that a run has left, and rows of different lengths after it; then all steps.
    const { carry } = made.model.forward(made.params, start, { inputs: numbers(3, [2, batch, 3]) }, context);
    const ragged = await exported(made, { carry: 'given', lengths: true });
    const feeds = { inputs: feed(inputs), ...asInputs(carry) };
    expectAll(await ragged.run({ ...feeds, lengths }), ours(made, inputs, carry, mask));
    const whole = await exported(made, { carry: 'given' });
    expectAll(await whole.run(feeds), ours(made, inputs, carry));
    expectAll(await whole.run({ inputs: feed(inputs), ...asInputs(start) }), ours(made, inputs, start));
  });

  it.each(['last', 'mean', 'max', 'attention'] as const)('pools a stream part by part: %s', async (pooling) => {
    const made = trained({ ...base, pooling });
    const session = await exported(made);
    const inputs = numbers(4, [6, 2, 3]);
    const start = made.model.initialCarry(made.params, 2);
    let carry = asInputs(start);
    let outputs: Awaited<ReturnType<RuntimeSession['run']>> = {};
    for (const [from, to] of [
      [0, 1],
      [1, 4],
      [4, 6],
    ] as const) {
      outputs = await session.run({ inputs: feed(sliceAxis(inputs, from, to)), ...carry });
      carry = Object.fromEntries(Object.keys(carry).map((name) => [name, feedBack(outputs[name.slice(0, -1)]!)]));
    }
    expectAll(outputs, ours(made, inputs, start));
  });

  it('reads several inputs by name', async () => {
    const made = trained({
      input: { day: { vocabulary: 7, embedding: 2 }, hour: { vocabulary: 24, embedding: 3 }, values: { features: 2 } },
      hidden: 4,
      outputs: 2,
      learnedCarry: true,
    });
    const session = await exported(made);
    expect(session.inputs).toEqual(['inputs.day', 'inputs.hour', 'inputs.values', 'h0', 'c0', 'starts']);
    const day = fromArray([0, 6, 3, 5], [2, 2], { dtype: 'i32' });
    const hour = fromArray([23, 0, 12, 7], [2, 2], { dtype: 'i32' });
    const values = numbers(5, [2, 2, 2]);
    const carry = treeMap(made.model.initialCarry(made.params, 2), (x) => x);
    const feeds = { 'inputs.day': feed(day), 'inputs.hour': feed(hour), 'inputs.values': feed(values) };
    expectAll(
      await session.run({ ...feeds, ...asInputs(carry), starts: feedFlags([true, true]) }),
      ours(made, { day, hour, values }, carry),
    );
  });

  it('pools what is no padding', async () => {
    const made = trained({
      input: { vocabulary: 5, embedding: 3 },
      hidden: 4,
      outputs: 2,
      pooling: 'attention',
      layerNorm: true,
      paddingIndex: 0,
    });
    const session = await exported(made, { carry: 'initial' });
    const inputs = fromArray([1, 2, 0, 3, 4, 0, 1, 0, 0], [3, 3], { dtype: 'i32' });
    expectAll(await session.run({ inputs: feed(inputs) }), ours(made, inputs, made.model.initialCarry(made.params, 3)));
  });
});
