import {
  disposeTree,
  fromArray,
  keep,
  key,
  matmul,
  mul,
  scope,
  treeLeaves,
  zeros,
  type FloatDType,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  byteVocabulary,
  characterVocabulary,
  charModel,
  generate,
  predictor,
  sequenceModel,
  type OwnCell,
  type SequenceModel,
  type SequenceModelParams,
  type StepOutput,
} from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';

withFreshBackend();

const letters = characterVocabulary('abcde');
const cells = ['lstm', 'gru', 'rnnTanh'] as const;

function lettersModel(cell: (typeof cells)[number] = 'lstm', dtype: FloatDType = 'f64') {
  const model = sequenceModel({
    input: { vocabulary: 5, embedding: 4 },
    hidden: 6,
    layers: 2,
    outputs: 5,
    cell,
    dropout: 0.5,
    learnedCarry: true,
  });
  return { model, params: scope(() => keep(model.init(key(1), { dtype }))) };
}

/** Logits of a whole text at once, one list a step. */
function wholeLogits(model: SequenceModel, params: SequenceModelParams, items: ArrayLike<number>): number[][] {
  return scope(() => {
    const { backend } = treeLeaves(params)[0] as Tensor;
    const inputs = fromArray(items, [items.length, 1], { dtype: 'i32', backend });
    const { output } = model.forward(params, model.initialCarry(params), { inputs }, { from: 0, key: null });
    const values = [...model.logits(params, output).readSync()];
    return Array.from(items, (_, step) => values.slice(5 * step, 5 * step + 5));
  });
}

const lists = (outputs: readonly StepOutput[]): number[][] => outputs.map((output) => [...output]);

describe('a predictor of one stream', () => {
  test.each(cells)('gives step by step what %s gives for the whole, exactly in f64', async (cell) => {
    const { model, params } = lettersModel(cell);
    const items = letters.encode('abcdeedcbaabcaadde');
    const whole = wholeLogits(model, params, items);
    const predict = predictor(model, params, { vocabulary: letters, logits: true });
    const each: StepOutput[] = [];
    for (const item of items) each.push(await predict.step(item));
    expect(lists(each)).toEqual(whole);
    expect(predict.steps).toBe(items.length);
    predict.reset();
    expect(predict.steps).toBe(0);
    expect(lists(await predict.run('abcdeedcbaabcaadde'))).toEqual(whole);
    disposeTree(params);
    predict.reset();
  });

  test('gives in f32 what the whole gives within rounding, over more steps than one chunk', async () => {
    const { model, params } = lettersModel('lstm', 'f32');
    const items = Array.from({ length: 150 }, (_, index) => (index * index) % 5);
    const predict = predictor(model, params, { logits: true });
    const outputs = await predict.run(items);
    expect(outputs[0]).toBeInstanceOf(Float32Array);
    expectClose(lists(outputs).flat(), wholeLogits(model, params, items).flat(), 1e-6);
    predict.reset();
    disposeTree(params);
  });

  test('gives probabilities where classes are predicted', async () => {
    const { model, params } = lettersModel();
    const logits = wholeLogits(model, params, [2])[0] as number[];
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const predict = predictor(model, params);
    expectClose(
      await predict.step(2),
      logits.map((logit) => Math.exp(logit) / total),
      1e-15,
    );
    predict.reset();
    disposeTree(params);
  });

  test('gives numbers for features, and takes a number for one feature', async () => {
    const model = sequenceModel({ input: { features: 1 }, hidden: 4, outputs: 2 });
    const params = scope(() => keep(model.init(key(2))));
    const [a, b] = [predictor(model, params), predictor(model, params)];
    expect(await a.step(0.25)).toEqual(await b.step([0.25]));
    expect(await a.run([1, 2])).toEqual(await b.run([Float32Array.of(1), [2]]));
    expect(await a.step(0)).toHaveLength(2);
    a.reset();
    b.reset();
    disposeTree(params);
  });

  test('keeps the order of steps that nobody waits for', async () => {
    const { model, params } = lettersModel();
    const predict = predictor(model, params, { logits: true });
    const both = await Promise.all([predict.step(1), predict.run([2, 3]), predict.step(4)]);
    expect([[...both[0]], ...lists(both[1]), [...both[2]]]).toEqual(wholeLogits(model, params, [1, 2, 3, 4]));
    predict.reset();
    disposeTree(params);
  });
});

describe('many streams', () => {
  test('of different ages step as one batch, each as if it were alone', async () => {
    const { model, params } = lettersModel();
    const first = predictor(model, params, { logits: true });
    const texts = ['a', 'bcd', 'abcdeabcdeabcde'.repeat(6), 'dd', 'e'];
    const streams = texts.map(() => first.stream());
    const runs = await Promise.all(
      streams.map((stream, index) => stream.run([...letters.encode(texts[index] as string)])),
    );
    runs.forEach((run, index) =>
      expect(lists(run)).toEqual(wholeLogits(model, params, letters.encode(texts[index] as string))),
    );
    for (const next of [0, 3, 2]) {
      const outputs = await Promise.all(streams.map((stream, index) => stream.step((next + index) % 5)));
      outputs.forEach((output, index) => {
        texts[index] += letters.decode([(next + index) % 5]);
        expect([...output]).toEqual(wholeLogits(model, params, letters.encode(texts[index] as string)).at(-1));
      });
    }
    streams.forEach((stream) => stream.reset());
    disposeTree(params);
  });

  test('fork: both remember, and go their own ways', async () => {
    const { model, params } = lettersModel();
    const one = predictor(model, params, { logits: true });
    // Not awaited: a fork comes after what was asked for before it.
    const start = one.run([0, 1, 2]);
    const other = one.fork();
    const [a, b] = await Promise.all([one.step(3), other.step(4)]);
    await start;
    expect([...a]).toEqual(wholeLogits(model, params, [0, 1, 2, 3]).at(-1));
    expect([...b]).toEqual(wholeLogits(model, params, [0, 1, 2, 4]).at(-1));
    expect([one.steps, other.steps]).toEqual([4, 4]);
    one.reset();
    expect([...(await other.step(0))]).toEqual(wholeLogits(model, params, [0, 1, 2, 4, 0]).at(-1));
    expect([...(await one.step(0))]).toEqual(wholeLogits(model, params, [0]).at(-1));
    one.reset();
    other.reset();
    disposeTree(params);
  });

  test('that come, go and rest leave no buffers behind, and get what they would get alone', async () => {
    const { model, params } = lettersModel('gru');
    const { backend } = params.head.bias;
    const before = backend.memory().buffers;
    const root = predictor(model, params, { logits: true });
    let live = Array.from({ length: 12 }, () => ({ stream: root.stream(), items: [] as number[] }));
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 15; round++) {
      const stepping = live.filter(() => random(3) > 0);
      const asked = stepping.map(({ stream, items }) => {
        items.push(random(5));
        return stream.step(items.at(-1) as number);
      });
      // One goes in the middle of its step, one is forgotten, and others come.
      if (stepping.length > 0 && random(2) === 0) {
        const gone = stepping[random(stepping.length)] as (typeof live)[number];
        gone.stream.reset();
        live = live.filter((each) => each !== gone);
        live.push({ stream: root.stream(), items: [] });
      }
      if (random(4) === 0) {
        const { stream, items } = live[random(live.length)] as (typeof live)[number];
        live.push({ stream: stream.fork(), items: [...items] });
      }
      const outputs = await Promise.all(asked);
      stepping.forEach(({ items }, index) =>
        expect([...(outputs[index] as StepOutput)]).toEqual(wholeLogits(model, params, items).at(-1)),
      );
    }
    expect(backend.memory().buffers).toBeLessThanOrEqual(before + live.length);
    live.forEach(({ stream }) => stream.reset());
    expect(backend.memory().buffers).toBe(before);
    disposeTree(params);
  });

  test('that are read by loops of their own, begun at different times, still step as one batch', async () => {
    const { model, params } = lettersModel();
    let batches = 0;
    const counted: SequenceModel = {
      ...model,
      forward: (...call) => {
        batches++;
        return model.forward(...call);
      },
    };
    const root = predictor(counted, params);
    const read = async (loop: number): Promise<void> => {
      for (let turn = 0; turn < loop; turn++) await new Promise((resolve) => setImmediate(resolve));
      const stream = root.stream();
      for (let step = 0; step < 40; step++) await stream.step(step % 5);
      stream.reset();
    };
    await Promise.all(Array.from({ length: 10 }, (_, loop) => read(loop)));
    // Alone they would be 400.
    expect(batches).toBeLessThan(80);
    disposeTree(params);
  });

  test('hold no more buffers after many steps than after one', async () => {
    const { model, params } = lettersModel();
    const { backend } = params.head.bias;
    const streams = Array.from({ length: 3 }, () => predictor(model, params));
    const step = (): Promise<unknown> => Promise.all(streams.map((stream) => stream.step(1)));
    await step();
    const { buffers, bytes } = backend.memory();
    for (let count = 0; count < 150; count++) await step();
    expect(backend.memory()).toMatchObject({ buffers, bytes });
    streams.forEach((stream) => stream.reset());
    disposeTree(params);
  });
});

test('a model of both ends reads whole sequences of any lengths, many as one batch', async () => {
  const model = sequenceModel({ input: { vocabulary: 5, embedding: 3 }, hidden: 4, outputs: 5, bidirectional: true });
  const params = scope(() => keep(model.init(key(1), { dtype: 'f64' })));
  const predict = predictor(model, params, { vocabulary: letters, logits: true });
  const texts = ['abcde', 'a', 'edcba'.repeat(30), 'cc'];
  const each = await Promise.all(texts.map((text) => predict.stream().run(text)));
  each.forEach((outputs, index) =>
    expectClose(
      lists(outputs).flat(),
      wholeLogits(model, params, letters.encode(texts[index] as string)).flat(),
      1e-13,
    ),
  );
  // Each is a sequence by itself, on one stream too.
  expect(await predict.run('abcde')).toEqual(each[0]);
  expect(await predict.run('abcde')).toEqual(each[0]);
  disposeTree(params);
});

test('a cell that looks at the time is told that of each stream', async () => {
  const clock: OwnCell = {
    name: 'clock',
    shapes: ({ inputSize, hiddenSize }) => ({ w: [inputSize, hiddenSize] }),
    cell: {
      initialCarry: (batch, options) => zeros([batch, 1], options),
      step(params, carry, input, { time }) {
        const output = mul(matmul(input, (params as { readonly w: Tensor }).w), time);
        return { carry, output };
      },
    },
  };
  const model = sequenceModel({ input: { vocabulary: 5, embedding: 3 }, hidden: 3, outputs: 5, cell: clock });
  const params = scope(() => keep(model.init(key(1), { dtype: 'f64' })));
  const older = predictor(model, params, { logits: true });
  const other = older.stream();
  await older.run([0, 1, 2]);
  const [a, b] = await Promise.all([older.step(3), other.step(3)]);
  expect([...a]).toEqual(wholeLogits(model, params, [0, 1, 2, 3]).at(-1));
  expect([...b]).toEqual(wholeLogits(model, params, [3]).at(-1));
  [older, other].forEach((each) => each.reset());
  disposeTree(params);
});

describe('a predictor refuses', () => {
  test('models and vocabularies that do not fit', async () => {
    const { model, params } = lettersModel();
    expect(() => predictor(model, params, { vocabulary: byteVocabulary() })).toThrow(/reads 5 items.*has 256/);
    disposeTree(params);
    const both = sequenceModel({ input: { features: 1 }, hidden: 2, outputs: 1, bidirectional: true });
    const others = scope(() => keep(both.init(key(1))));
    const predict = predictor(both, others);
    await expect(predict.step(1)).rejects.toThrow(/predictor.step: a bidirectional model.*run\(sequence\)/);
    await expect(predict.forecast(1)).rejects.toThrow(/predictor.forecast: a bidirectional/);
    disposeTree(others);
  });

  test('inputs that make no sense, and goes on as if they had not been', async () => {
    const { model, params } = lettersModel();
    const predict = predictor(model, params, { vocabulary: letters, logits: true });
    await expect(predict.step(5)).rejects.toThrow(/0 to 4.*was given 5/);
    await expect(predict.step(1.5)).rejects.toThrow(/was given 1.5/);
    await expect(predict.step('ab')).rejects.toThrow(/one item, but "ab" has 2/);
    await expect(predict.step('x')).rejects.toThrow(/"x"/);
    await expect(predict.step(undefined as never)).rejects.toThrow(/was given undefined/);
    await expect(predict.run(3 as never)).rejects.toThrow(/list of steps/);
    await expect(predictor(model, params).step('a')).rejects.toThrow(/needs a vocabulary/);
    expect(await predict.run([])).toEqual([]);
    expect(predict.steps).toBe(0);
    expect([...(await predict.step('b'))]).toEqual(wholeLogits(model, params, [1])[0]);
    predict.reset();
    disposeTree(params);
  });

  test('features that are missing or no numbers', async () => {
    const model = sequenceModel({ input: { features: 2 }, hidden: 2, outputs: 1 });
    const params = scope(() => keep(model.init(key(1))));
    const predict = predictor(model, params);
    await expect(predict.step([1])).rejects.toThrow(/reads 2 features.*list of 1/);
    await expect(predict.step(1)).rejects.toThrow(/reads 2 features.*given 1/);
    await expect(predict.step([1, NaN])).rejects.toThrow(/feature 1 is NaN/);
    await expect(predict.step([1, '2'] as never)).rejects.toThrow(/feature 1 is "2"/);
    await expect(predict.step(null as never)).rejects.toThrow(/given null/);
    disposeTree(params);
  });

  test('parameters that are gone, for every stream of the batch', async () => {
    const { model, params } = lettersModel();
    const one = predictor(model, params);
    const other = one.stream();
    disposeTree(params);
    const settled = await Promise.allSettled([one.step(1), other.step(2)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(one.step(1)).rejects.toThrow(/disposed of/);
    await expect(one.run([1, 2])).rejects.toThrow(/disposed of/);
  });
});

test('models of characters read bytes as text', async () => {
  const model = charModel({ vocabulary: 256, embedding: 2, hidden: 2 });
  const params = scope(() => keep(model.init(key(1))));
  const predict = predictor(model, params, { vocabulary: byteVocabulary() });
  expect(await predict.run('é')).toHaveLength(2);
  predict.reset();
  disposeTree(params);
});

test('what is no model and its parameters is told in words', () => {
  const make = predictor as unknown as (...given: unknown[]) => unknown;
  expect(() => make({ model: {}, params: {} })).toThrow(/const \{ model, params \} = await loadModel\(path\)/);
  for (const given of [[], [{}], [Promise.resolve()], [null, {}]])
    expect(() => make(...given)).toThrow(/the first argument must be a model.*Was an await forgotten\?/);
  const write = generate as unknown as (...given: unknown[]) => unknown;
  expect(() => write({ model: {}, params: {} }, { prompt: 'a' })).toThrow(
    /generate: the first argument must be a model/,
  );
});
