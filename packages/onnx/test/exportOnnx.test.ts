import { createBackend } from '@tempograd/backend-js';
import {
  concat,
  fromArray,
  key,
  sliceAxis,
  treeEntries,
  uniformValues,
  useBackend,
  type LstmCarry,
  type Tensor,
} from '@tempograd/core';
import {
  characterVocabulary,
  charModel,
  lengthsToMask,
  sequenceModel,
  type SequenceModel,
  type SequenceModelCarry,
} from '@tempograd/nn';
import { describe, expect, it } from 'vitest';
import { exportOnnx, readOnnx, type ExportOnnxOptions } from '../src/index.js';
import { expectSame } from './support/close.js';
import { numbers } from './support/numbers.js';
import { trained, type Trained } from './support/trained.js';
import { feed, feedBack, feedFlags, useRuntime, type RuntimeSession } from './support/runtime.js';

useBackend(createBackend());

const context = { from: 0, key: null };
const opened = useRuntime();

const exported = async ({ model, params }: Trained, options?: ExportOnnxOptions): Promise<RuntimeSession> =>
  opened(await exportOnnx(model, params, options));

const items = (seed: number, time: number, batch: number, vocabulary: number): Tensor =>
  fromArray(
    Int32Array.from(uniformValues(key(seed), time * batch), (value) => Math.floor(value * vocabulary)),
    [time, batch],
    { dtype: 'i32' },
  );
/** The carry by the names it has in the graph. */
const named = (carry: SequenceModelCarry): Record<string, Tensor> => {
  const { h, c } = Object.fromEntries(treeEntries(carry).map(([path, leaf]) => [path || 'h', leaf]));
  return { h: h as Tensor, ...(c && { c }) };
};
const asInputs = (carry: SequenceModelCarry): Record<string, ReturnType<typeof feed>> =>
  Object.fromEntries(Object.entries(named(carry)).map(([name, state]) => [`${name}0`, feed(state)]));

/** Whole sequences: what the model and onnxruntime make of the same inputs. */
function ours(
  { model, params }: Trained,
  inputs: Tensor,
  carry: SequenceModelCarry,
  mask: Tensor | null = null,
): Record<string, Tensor> {
  const { output, carry: after } = model.forward(params, carry, { inputs, mask }, context);
  return { outputs: model.logits(params, output), ...named(after) };
}

function expectAll(actual: Awaited<ReturnType<RuntimeSession['run']>>, wanted: Record<string, Tensor>): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, tensor] of Object.entries(wanted)) {
    expectSame(actual[name] as NonNullable<(typeof actual)[string]>, tensor, name);
  }
}

const carryOf = (model: SequenceModel, batch: number, seed = 5): SequenceModelCarry => {
  const { layers, bidirectional, hidden, cell } = model.config;
  const shape = [layers * (bidirectional ? 2 : 1), batch, hidden];
  return cell === 'lstm' ? { h: numbers(seed, shape), c: numbers(seed + 1, shape) } : numbers(seed, shape);
};

const cells = ['lstm', 'gru', 'rnnTanh', 'rnnRelu'] as const;
const grid = cells.flatMap((cell) =>
  [1, 2, 3].flatMap((layers) =>
    [false, true].map((bidirectional) => ({ cell, layers, bidirectional, tokens: (layers === 2) === bidirectional })),
  ),
);

describe('an exported model, run by onnxruntime', () => {
  it.each(grid)(
    'gives the outputs and the carry of $cell × $layers, bidirectional $bidirectional, items $tokens',
    async ({ cell, layers, bidirectional, tokens }) => {
      const made = trained({
        input: tokens ? { vocabulary: 7, embedding: 4 } : { features: 3 },
        cell,
        layers,
        bidirectional,
        hidden: 5,
        outputs: 6,
      });
      const session = await exported(made, { carry: 'given', lengths: true });
      expect(session.inputs).toEqual(['inputs', 'lengths', 'h0', ...(cell === 'lstm' ? ['c0'] : [])]);
      for (const [time, lengths] of [
        [6, [6, 2, 0, 5]],
        [1, [1]],
      ] as const) {
        const batch = lengths.length;
        const inputs = tokens ? items(2, time, batch, 7) : numbers(2, [time, batch, 3]);
        const carry = carryOf(made.model, batch);
        const mask = lengthsToMask(lengths, time);
        const feeds = {
          inputs: feed(inputs),
          lengths: feed(fromArray(lengths, [batch], { dtype: 'i32' })),
          ...asInputs(carry),
        };
        expectAll(await session.run(feeds), ours(made, inputs, carry, mask));
      }
    },
  );

  it.each(cells)('can be run step by step: %s', async (cell) => {
    const made = trained({ input: { vocabulary: 7, embedding: 4 }, cell, layers: 2, hidden: 5, outputs: 7 });
    const session = await exported(made);
    const [time, batch] = [5, 3];
    const inputs = items(3, time, batch, 7);
    const start = carryOf(made.model, batch);
    const wanted = ours(made, inputs, start);
    let carry = asInputs(start);
    for (let step = 0; step < time; step++) {
      const out = await session.run({ inputs: feed(sliceAxis(inputs, step, step + 1)), ...carry });
      expectSame(out['outputs']!, sliceAxis(wanted['outputs'] as Tensor, step, step + 1), `step ${step}`);
      carry = Object.fromEntries(
        Object.keys(carry).map((name) => [name, feedBack(out[name.slice(0, 1)] as NonNullable<(typeof out)[string]>)]),
      );
    }
  });

  it.each([...cells].flatMap((cell) => [false, true].map((learnedCarry) => ({ cell, learnedCarry }))))(
    'starts anew with carry: initial, $cell, learned $learnedCarry',
    async ({ cell, learnedCarry }) => {
      const made = trained({ input: { features: 2 }, cell, layers: 2, hidden: 4, outputs: 1, learnedCarry });
      const session = await exported(made, { carry: 'initial' });
      expect(session.inputs).toEqual(['inputs']);
      const inputs = numbers(4, [4, 3, 2]);
      expectAll(await session.run({ inputs: feed(inputs) }), ours(made, inputs, made.model.initialCarry(made.params)));
    },
  );

  it('begins the rows that start with the learned carry, the others with theirs', async () => {
    const config = { features: 2 };
    const made = trained({ input: config, layers: 2, hidden: 4, outputs: 1, learnedCarry: true });
    const session = await exported(made);
    expect(session.inputs).toEqual(['inputs', 'h0', 'c0', 'starts']);
    const inputs = numbers(4, [4, 3, 2]);
    const [own, learned] = [carryOf(made.model, 3), made.model.initialCarry(made.params, 3)];
    const mix = (state: 'h' | 'c'): Tensor => {
      const [a, b] = [(own as LstmCarry)[state], (learned as LstmCarry)[state]];
      return concat([sliceAxis(b, 0, 1, 1), sliceAxis(a, 1, 2, 1), sliceAxis(b, 2, 3, 1)], 1);
    };
    const carry = { h: mix('h'), c: mix('c') };
    const feeds = { inputs: feed(inputs), ...asInputs(own), starts: feedFlags([true, false, true]) };
    expectAll(await session.run(feeds), ours(made, inputs, carry));
  });

  it('has the weights of a tied head once', async () => {
    const made = trained({ input: { vocabulary: 50, embedding: 8 }, hidden: 8, outputs: 50, tieWeights: true });
    const bytes = await exportOnnx(made.model, made.params);
    const names = readOnnx(bytes).tensorNames;
    expect(names).toContain('embedding.weight');
    expect(names).not.toContain('head.weight');
    const inputs = items(5, 4, 2, 50);
    const carry = carryOf(made.model, 2);
    const session = await opened(bytes);
    expectAll(await session.run({ inputs: feed(inputs), ...asInputs(carry) }), ours(made, inputs, carry));
  });

  it.each([false, true])('leaves padding out, bidirectional %s', async (bidirectional) => {
    const made = trained({
      input: { vocabulary: 6, embedding: 3 },
      hidden: 4,
      layers: 2,
      outputs: 6,
      paddingIndex: 0,
      bidirectional,
    });
    const session = await exported(made, { carry: 'given' });
    const inputs = fromArray([1, 2, 0, 3, 4, 0, 5, 0, 0], [3, 3], { dtype: 'i32' });
    const carry = carryOf(made.model, 3);
    expectAll(await session.run({ inputs: feed(inputs), ...asInputs(carry) }), ours(made, inputs, carry));
  });

  it('gives NaN for a row with padding before its end, and for no other', async () => {
    const made = trained({ input: { vocabulary: 6, embedding: 3 }, hidden: 4, outputs: 6, paddingIndex: 0 });
    const session = await exported(made, { carry: 'initial' });
    const inputs = fromArray([1, 0, 2, 3, 4, 0], [3, 2], { dtype: 'i32' });
    const { outputs, h } = await session.run({ inputs: feed(inputs) });
    const nan = (values: Float32Array): boolean[] => [...values].map(Number.isNaN);
    const width = (values: Float32Array, rows: number): number => values.length / rows;
    expect(nan(h!.data)).toEqual(Array.from({ length: 8 }, (_, at) => at >= width(h!.data, 2)));
    expect(nan(outputs!.data)).toEqual(Array.from({ length: 36 }, (_, at) => Math.floor(at / 6) % 2 === 1));
  });

  it('is in f32, whatever the parameters are', async () => {
    const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 1 });
    const params = model.init(key(1), { dtype: 'f64' });
    const inputs = fromArray(uniformValues(key(2), 8), [2, 2, 2], { dtype: 'f64' });
    const session = await exported({ model, params }, { carry: 'initial' });
    const { outputs } = await session.run({ inputs: feed(inputs) });
    const wanted = ours({ model, params }, inputs, model.initialCarry(params))['outputs'] as Tensor;
    expectSame(outputs!, wanted, 'outputs');
  });

  it('carries its configuration and what else it is given', async () => {
    const vocabulary = characterVocabulary('abc');
    const model = charModel({ vocabulary: 3, embedding: 2, hidden: 2, dropout: 0.5 });
    const bytes = await exportOnnx(model, model.init(key(1)), {
      metadata: { vocabulary: JSON.stringify(vocabulary), note: 'größer' },
    });
    const { metadata, opset, inputs, outputs } = readOnnx(bytes);
    expect(JSON.parse(metadata['config'] as string)).toEqual(model.config);
    expect(JSON.parse(metadata['vocabulary'] as string)).toEqual(JSON.parse(JSON.stringify(vocabulary)));
    expect(metadata['note']).toBe('größer');
    expect(opset).toBe(17);
    expect(inputs).toEqual([
      { name: 'inputs', shape: ['time', 'batch'] },
      { name: 'h0', shape: [1, 'batch', 2] },
      { name: 'c0', shape: [1, 'batch', 2] },
    ]);
    expect(outputs.map(({ name }) => name)).toEqual(['outputs', 'h', 'c']);
  });

  it('leaves no tensor behind', async () => {
    const made = trained({ input: { features: 2 }, cell: 'gru', layers: 2, hidden: 3, outputs: 1, learnedCarry: true });
    const { backend } = made.params.head.bias;
    const before = backend.memory().buffers;
    await exportOnnx(made.model, made.params);
    expect(backend.memory().buffers).toBe(before);
  });
});

describe('what cannot be exported', () => {
  const model = sequenceModel({ input: { vocabulary: 4, embedding: 2 }, hidden: 3, outputs: 4, paddingIndex: 0 });
  const params = model.init(key(1));

  it('is refused in words', async () => {
    const other = sequenceModel({ input: { vocabulary: 4, embedding: 2 }, hidden: 4, outputs: 4 });
    const strange = { ...model, config: { ...model.config, swish: true } };
    const own = { ...model, config: { ...model.config, cell: { name: 'mine' } } };
    for (const [call, message] of [
      [
        () => exportOnnx(other, params),
        /head\.weight is \[4, 4\], but the parameters have it as \[4, 3\]: they are another model's/,
      ],
      [() => exportOnnx(model, { head: params.head } as never), /are without it/],
      [() => exportOnnx(model, params, { lengths: true }), /has a paddingIndex, from which the lengths are counted/],
      [() => exportOnnx(strange, params), /models with swish cannot be exported/],
      [() => exportOnnx(own as never, params), /the cell "mine" cannot be exported: ONNX has operators for lstm, gru/],
      [() => exportOnnx(undefined as never, params), /must be a model/],
      [() => exportOnnx(model, params, { metadata: { config: '' } }), /config is the model's own/],
      [() => exportOnnx(model, params, { metadata: { n: 1 } as never }), /n is number; use JSON.stringify/],
    ] as const) {
      await expect(call).rejects.toThrow(message);
    }
  });
});
