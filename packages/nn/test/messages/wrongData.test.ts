import { createBackend } from '@tempograd/backend-js';
import {
  ArgumentError,
  disposeTree,
  full,
  key,
  ones,
  scope,
  tensor,
  truncatedBptt,
  useBackend,
  zeros,
  type Backend,
  type NestedNumbers,
  type Tensor,
} from '@tempograd/core';
import { beforeEach, describe, expect, test } from 'vitest';
import * as nn from '../../src/index.js';
import { DivergenceError } from '../../src/index.js';

const sync = createBackend();

/** The same backend as one that only reads asynchronously. */
const late: Backend = new Proxy<Backend>(createBackend(), {
  get: (target, name) => {
    if (name === 'readSync') return undefined;
    if (name === 'name') return 'late';
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
  },
});

beforeEach(() => {
  useBackend(sync);
  const before = [sync, late].map((backend) => backend.memory().buffers);
  return () =>
    expect(
      [sync, late].map((backend) => backend.memory().buffers),
      'live buffers',
    ).toEqual(before);
});

const [time, batch] = [6, 2];
const i32 = (values: NestedNumbers): Tensor => tensor(values, { dtype: 'i32' });
/** Zeros, but for one number at step 5, row 1. */
const ids = (at = 0): Tensor => {
  const rows = Array.from({ length: time }, () => [0, 0]);
  rows[5] = [0, at];
  return i32(rows);
};

const classifier = (): nn.SequenceModel<{ features: number }> =>
  nn.sequenceModel({ cell: 'gru', hidden: 4, input: { features: 3 }, outputs: 2, loss: 'crossEntropy' });
const words = (): nn.SequenceModel<{ vocabulary: number; embedding: number }> =>
  nn.sequenceModel({
    cell: 'gru',
    hidden: 4,
    input: { vocabulary: 5, embedding: 3 },
    outputs: 5,
    loss: 'crossEntropy',
  });

/** What a training on one stretch of plain JavaScript says. */
async function said(
  model: unknown,
  params: unknown,
  stretch: () => unknown,
  run: 'fit' | 'evaluate' = 'fit',
): Promise<Error> {
  const data = { async *open() { yield { stretch: stretch(), ends: true }; } }; // prettier-ignore
  const strategy = truncatedBptt({ updateEvery: 4, backwardSteps: 4 });
  const optimiser = nn.adam({ learningRate: 0.1 });
  const options = { task: model, params, data } as never;
  try {
    if (run === 'evaluate') await nn.evaluate(options);
    else for await (const _ of nn.fit({ ...(options as object), strategy, optimiser } as never)) void _;
  } catch (error) {
    return error as Error;
  } finally {
    disposeTree(params);
  }
  throw new Error('nothing was said');
}

const initial = (model: { init(key: readonly [number, number]): unknown }): unknown => model.init(key(1));

describe('numbers that are not in the model', () => {
  test.each<[name: string, stretch: () => unknown, message: RegExp]>([
    [
      'an item',
      () => ({ inputs: ids(7), targets: ids() }),
      /^sequenceModel, inputs: item 7 at step 5, row 1 is not one of the 5 items of the vocabulary; they are 0 to 4\.$/,
    ],
    ['a negative item', () => ({ inputs: ids(-2), targets: ids() }), /item -2 at step 5, row 1/],
    [
      'a class',
      () => ({ inputs: ids(), targets: ids(5) }),
      /^sequenceModel: target 5 at step 5, row 1 is not one of the 5 classes; they are 0 to 4, and a negative one is left out\.$/,
    ],
  ])('%s: step of the sequence, row and value are told at once', async (_, stretch, message) => {
    // prettier-ignore
    for (const run of ['fit', 'evaluate'] as const) {
      const model = words();
      const error = await said(model, initial(model), stretch, run);
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toMatch(message);
      expect(error.message).not.toMatch(/learning rate/);
    }
  });

  test.each<[name: string, stretch: () => unknown, message: RegExp]>([
    [
      'an item',
      () => ({ inputs: ids(7), targets: ids() }),
      /because the data does not fit the model\. sequenceModel, inputs: item 7 at step 5, row 1/,
    ],
    [
      'a class',
      () => ({ inputs: ids(), targets: ids(5) }),
      /sequenceModel: target 5 at step 5, row 1 .* The parameters are as they were before this update\.$/,
    ],
  ])('%s: where values cannot be read at once, when the loss is known', async (_, stretch, message) => {
    // prettier-ignore
    useBackend(late);
    const model = words();
    const error = await said(model, initial(model), stretch);
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/learning rate/);
    const evaluated = await said(model, initial(model), stretch, 'evaluate');
    expect(evaluated).toBeInstanceOf(ArgumentError);
    expect(error.message).toContain(evaluated.message);
  });

  test('yes and no are told by 1 and 0, not by 1 and −1, whatever is masked', async () => {
    const model = nn.sequenceModel({ hidden: 4, input: { features: 3 }, outputs: 2, loss: 'binaryCrossEntropy' });
    const rows = (wrong: number): NestedNumbers =>
      Array.from({ length: time }, (_, step) => [
        [0, 1],
        [1, step === 5 ? wrong : 0.5],
      ]);
    const inputs = (): Tensor => ones([time, batch, 3]);
    for (const wrong of [-1, 1.5, NaN]) {
      const stretch = (): unknown => ({ inputs: inputs(), targets: tensor(rows(wrong)) });
      for (const run of ['fit', 'evaluate'] as const) {
        const error = await said(model, initial(model), stretch, run);
        expect(error).toBeInstanceOf(ArgumentError);
        expect(error.message).toBe(
          `sequenceModel: target ${wrong} at step 5, row 1, output 1 is no number from 0 to 1; say 0 for no and 1 for yes.`,
        );
      }
    }
    scope(() => {
      const params = model.init(key(1));
      const mask = i32(Array.from({ length: time }, (_, step) => [1, step === 5 ? 0 : 1]));
      const stretch = { inputs: inputs(), targets: tensor(rows(-1)), mask };
      const { output } = model.forward(params, model.initialCarry(params, stretch), stretch, { from: 0, key: null });
      expect(model.loss(params, output, stretch, { from: 0, key: null }).readSync()[0]).toBeGreaterThan(0);
    });
  });

  test.each([-1, 1.5, NaN])('yes and no told by %d, where values cannot be read at once', async (wrong) => {
    useBackend(late);
    const model = nn.sequenceModel({ hidden: 4, input: { features: 3 }, outputs: 1, loss: 'binaryCrossEntropy' });
    const stretch = (mask: Tensor | null) => ({
      inputs: ones([time, batch, 3]),
      targets: tensor(Array.from({ length: time }, (_, step) => [[1], [step === 5 ? wrong : 0]])),
      mask,
    });
    const error = await said(model, initial(model), () => stretch(null));
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error.message).toContain(
      `sequenceModel: target ${wrong} at step 5, row 1, output 0 is no number from 0 to 1; say 0 for no and 1 for yes.`,
    );
    expect(error.message).not.toMatch(/learning rate/);
    const evaluated = await said(model, initial(model), () => stretch(null), 'evaluate');
    expect(evaluated).toBeInstanceOf(ArgumentError);
    expect(error.message).toContain(evaluated.message);
    // Where it is masked it is nobody's fault.
    const masked = stretch(i32(Array.from({ length: time }, (_, step) => [1, step === 5 ? 0 : 1])));
    expect(await model.faultOf(masked, 0)).toBeNull();
    const params = model.init(key(1));
    const loss = scope(() => {
      const { output } = model.forward(params, model.initialCarry(params, masked), masked, { from: 0, key: null });
      return model.loss(params, output, masked, { from: 0, key: null });
    });
    expect((await loss.read())[0]).toBeGreaterThan(0);
    disposeTree([params, masked, loss]);
  });

  test('a divergence whose data is right says what it said', async () => {
    useBackend(late);
    const model = classifier();
    const error = await said(model, initial(model), () => ({ inputs: full([time, batch, 3], NaN), targets: ids() }));
    expect(error.message).toMatch(/The first tensor that is not finite: data: inputs/);
  });

  test('what is masked or ignored may be anything', async () => {
    const model = words();
    const params = model.init(key(1));
    const mask = i32(Array.from({ length: time }, (_, step) => [1, step === 5 ? 0 : 1]));
    const stretch = { inputs: ids(-9), targets: ids(99), mask };
    scope(() => {
      const { output } = model.forward(params, model.initialCarry(params, stretch), stretch, { from: 0, key: null });
      expect(model.loss(params, output, stretch, { from: 0, key: null }).readSync()[0]).toBeGreaterThan(0);
    });
    expect(await model.faultOf(stretch, 0)).toBeNull();
    scope(() => {
      const loss = nn.crossEntropy(ones([2, 3]), i32([255, 1]), { ignoreIndex: 255 });
      expect(loss.readSync()[0]).toBeCloseTo(Math.log(3), 5);
    });
    disposeTree([params, stretch]);
  });

  test('a loss and an embedding on their own', () => {
    scope(() => {
      expect(() => nn.crossEntropy(ones([1, 2, 3]), i32([[0, 3]]))).toThrow(
        'crossEntropy: target 3 at step 0, row 1 is not one of the 3 classes; they are 0 to 2',
      );
      expect(() => nn.binaryCrossEntropy(ones([1, 2]), tensor([[1, -1]]))).toThrow(
        'binaryCrossEntropy: target -1 at [0, 1] is no number from 0 to 1; say 0 for no and 1 for yes.',
      );
      const layer = nn.embedding({ vocabulary: 3, size: 2 });
      expect(() => layer.apply(layer.init(key(1)), i32([0, 3]))).toThrow(
        'embedding: item 3 at [1] is not one of the 3 items of the vocabulary; they are 0 to 2.',
      );
      const masked = layer.apply(layer.init(key(1)), i32([0, 3]), { mask: i32([1, 0]) });
      expect(masked.shape).toEqual([2, 2]);
    });
  });
});

describe('what is not [time, …]', () => {
  test.each<[name: string, stretch: () => unknown, message: RegExp]>([
    [
      'too short',
      () => ({ inputs: ids(), targets: i32([0, 1]) }),
      /"inputs" i32\[6, 2\] has 6 steps, but "targets" i32\[2\] has 2\.$/,
    ],
    ['a scalar', () => ({ inputs: ids(), targets: i32(1) }), /"targets" i32\[\] has no axis\.$/],
    ['a scalar first', () => ({ inputs: i32(1), targets: ids() }), /"inputs" i32\[\] has no axis/],
    [
      '[batch, time]',
      () => ({
        inputs: ids(),
        targets: ids(),
        mask: i32([
          [1, 1, 1, 1, 1, 1],
          [1, 1, 1, 1, 1, 1],
        ]),
      }),
      /"mask" i32\[2, 6\] has 2\. Its axes may stand the wrong way round/,
    ],
    ['nothing', () => ({}), /nothing to run over/],
  ])('%s: is told by its name', async (_, stretch, message) => {
    // prettier-ignore
    const model = words();
    const error = await said(model, initial(model), stretch);
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/slice/);
  });
});

describe('what does not fit a layer', () => {
  test.each<[name: string, apply: () => unknown, message: string]>([
    [
      'lstm',
      () => {
        const layer = nn.lstm({ inputSize: 3, hiddenSize: 4 });
        return layer.apply(layer.init(key(1)), null, ones([6, 2, 5]));
      },
      'lstm: the input must be [time, batch, 3], but is [6, 2, 5].',
    ],
    [
      'lstm without batch',
      () => {
        const layer = nn.lstm({ inputSize: 3, hiddenSize: 4 });
        return layer.apply(layer.init(key(1)), null, ones([6, 3]));
      },
      'lstm: the input must be [time, batch, 3], but is [6, 3].',
    ],
    [
      'gru, batch first',
      () => {
        const layer = nn.gru({ inputSize: 3, hiddenSize: 4, batchFirst: true });
        return layer.apply(layer.init(key(1)), null, ones([2, 6, 5]));
      },
      'gru: the input must be [batch, time, 3], but is [2, 6, 5].',
    ],
    [
      'linear',
      () => {
        const layer = nn.linear({ inputs: 3, outputs: 4 });
        return layer.apply(layer.init(key(1)), ones([6, 5]));
      },
      'linear: the input [6, 5] should end in 3 numbers, […, 3], as the weight [outputs, inputs] [4, 3] reads it. For this input the weight must be [outputs, 5].',
    ],
    [
      'linear of a number alone',
      () => {
        const layer = nn.linear({ inputs: 3, outputs: 4 });
        return layer.apply(layer.init(key(1)), ones([]));
      },
      'as the weight [outputs, inputs] [4, 3] reads it. A number alone is no row: reshape(x, [1]) makes it one, for a weight [outputs, 1].',
    ],
  ])('%s: the input is told, not the weight', (_, apply, message) => {
    // prettier-ignore
    scope(() => expect(apply).toThrow(message));
  });
});

describe('parameters of another model', () => {
  test.each<[name: string, params: () => unknown, message: RegExp]>([
    [
      'of another kind',
      () => classifier().init(key(1)),
      /not the parameters of this model: "embedding\.weight" should be f32\[5, 3\], but is missing/,
    ],
    [
      'of another size',
      () =>
        nn
          .sequenceModel({
            cell: 'gru',
            hidden: 8,
            input: { vocabulary: 5, embedding: 3 },
            outputs: 5,
            loss: 'crossEntropy',
          })
          .init(key(1)),
      /"head\.weight" should be f32\[5, 4\], but is f32\[5, 8\]/,
    ],
    ['a tensor', () => zeros([2]), /"embedding\.weight" should be f32\[5, 3\], but is missing/],
  ])('%s', async (_, params, message) => {
    // prettier-ignore
    const error = await said(words(), params(), () => ({ inputs: ids(), targets: ids() }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(message);
  });
});
