import { disposeTree, key } from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DataError,
  evaluate,
  sequenceModel,
  sequences,
  type Evaluation,
  type SequencesOptions,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { readStretches, rowsOf, type Row } from './readStretches.js';

withFreshBackend();

interface Item {
  readonly inputs: number[];
  readonly targets: number | number[] | number[][];
}

/** Sequences of the given lengths whose every number says where it stands. */
function listOf(lengths: readonly number[], labels: 'end' | 'number' | 'steps' | 'rows'): Item[] {
  return lengths.map((length, at) => {
    const inputs = Array.from({ length }, (_, step) => 100 * at + step);
    if (labels === 'end') return { inputs, targets: at };
    if (labels === 'number') return { inputs, targets: [at / 2, -at] };
    return { inputs, targets: labels === 'steps' ? inputs.map((x) => x + 7) : inputs.map((x) => [x / 2, -x]) };
  });
}

/** What a row of the item must come out as. */
function wanted({ inputs, targets }: Item, atEnd: boolean): Row {
  const last = inputs.length - 1;
  return {
    inputs: { '': inputs.map((x) => [x]) },
    targets: inputs.map((_, step) => {
      if (typeof targets === 'number') return step === last ? [targets] : null;
      if (atEnd) return step === last ? (targets as number[]) : null;
      const target = targets[step] as number | number[];
      return typeof target === 'number' ? [target] : target;
    }),
  };
}

const anyOptions = fc.record({
  batch: fc.integer({ min: 1, max: 4 }),
  more: fc.option(fc.integer({ min: 0, max: 9 })),
  shuffle: fc.option(fc.integer({ min: 0, max: 99 })),
  bucket: fc.boolean(),
  lastBatch: fc.constantFrom('keep' as const, 'drop' as const),
  padding: fc.constantFrom('left' as const, 'right' as const),
  steps: fc.option(fc.integer({ min: 1, max: 5 })),
});
const anyLengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 4, maxLength: 17 });

function optionsOf({ more, shuffle, steps, ...rest }: typeof anyOptions extends fc.Arbitrary<infer T> ? T : never) {
  const options: SequencesOptions = {
    ...rest,
    ...(more !== null && { buffer: rest.batch + more }),
    ...(shuffle !== null && { shuffle: key(shuffle) }),
    ...(steps !== null && { steps }),
  };
  return options;
}

const byFirst = (a: Row, b: Row): number => Number(a.inputs['']?.[0]) - Number(b.inputs['']?.[0]);

describe('sequences', () => {
  test('each comes once an epoch, with its own targets, however they are put together', async () => {
    const anyLabels = fc.constantFrom('end' as const, 'number' as const, 'steps' as const, 'rows' as const);
    await fc.assert(
      fc.asyncProperty(anyLengths, anyOptions, anyLabels, fc.nat(3), async (lengths, raw, labels, epoch) => {
        const list = listOf(lengths, labels);
        const options = { ...optionsOf(raw), ...(labels === 'number' && { targetsAt: 'end' as const }) };
        const source = sequences(list, options);
        const given = await readStretches(source, { epoch, index: 0 });
        if (source.stretches !== null) expect(given).toHaveLength(source.stretches);
        const batches = rowsOf(given);
        const rows = batches.flat().sort(byFirst);
        const ids = rows.map((row) => Math.floor(Number(row.inputs['']?.[0]) / 100));
        expect(new Set(ids).size).toBe(ids.length);
        const { batch, lastBatch, steps = Infinity } = options;
        expect(ids).toHaveLength(lastBatch === 'keep' ? list.length : list.length - (list.length % batch));
        expect(rows).toEqual(ids.map((id) => wanted(list[id] as Item, labels === 'number')));
        expect(batches.filter((each) => each.length < batch).length).toBeLessThanOrEqual(Number(lastBatch === 'keep'));
        const counts = batches.map((each) =>
          each.flatMap(({ targets }) => targets).filter((target) => target !== null),
        );
        let at = 0;
        for (const { shape, items, ends } of given) {
          expect(shape[0]).toBeLessThanOrEqual(steps);
          expect(items).toBe(counts[at]?.length);
          if (ends) at++;
        }
      }),
      { numRuns: 150 },
    );
  });

  test('go on from any position as if they had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(anyLengths, anyOptions, fc.nat(2), fc.boolean(), async (lengths, raw, epoch, lazy) => {
        const list = listOf(lengths, 'end');
        const source = lazy ? sequences(() => list, optionsOf(raw)) : sequences(list, optionsOf(raw));
        const whole = await readStretches(source, { epoch, index: 0 });
        for (let index = 0; index <= whole.length; index++)
          expect(await readStretches(source, { epoch, index })).toEqual(whole.slice(index));
      }),
      { numRuns: 25 },
    );
  });

  test('a source of unknown length gives what a list gives with the same buffer', async () => {
    await fc.assert(
      fc.asyncProperty(anyLengths, anyOptions, async (lengths, raw) => {
        const list = listOf(lengths, 'steps');
        const options = { ...optionsOf(raw), buffer: raw.batch + (raw.more ?? 2) };
        async function* lazily(): AsyncGenerator<Item> {
          yield* list;
        }
        const position = { epoch: 1, index: 0 };
        expect(await readStretches(sequences(lazily, options), position)).toEqual(
          await readStretches(sequences(list, options), position),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('of a source of unknown length no more are read than the buffer holds', async () => {
    let [read, given, ahead] = [0, 0, 0];
    async function* endless(): AsyncGenerator<Item> {
      for (;;) {
        const inputs = Array.from({ length: 1 + (read % 5) }, () => read);
        read++;
        yield { inputs, targets: 0 };
      }
    }
    const source = sequences(endless, { batch: 4, buffer: 32, shuffle: key(1), bucket: true });
    expect(source.stretches).toBeNull();
    for await (const { stretch } of source.open({ epoch: 0, index: 0 })) {
      ahead = Math.max(ahead, read - given);
      given += stretch.targets.shape[1] as number;
      for (const tensor of [stretch.inputs, stretch.targets, stretch.mask, stretch.lossMask]) tensor?.dispose();
      if (given >= 4000) break;
    }
    // Those held, and the one that shows that there are more.
    expect(ahead).toBeLessThanOrEqual(33);
  });

  test('bucketed batches hold sequences of about one length, in an order that is drawn', async () => {
    const lengths = Array.from({ length: 64 }, (_, at) => 1 + ((at * 37) % 64));
    const padded = async (bucket: boolean): Promise<number[]> => {
      const source = sequences(listOf(lengths, 'end'), { batch: 8, shuffle: key(3), bucket });
      return (await readStretches(source)).map(({ shape }) => shape[0] as number);
    };
    const [mixed, bucketed] = [await padded(false), await padded(true)];
    const sum = (times: number[]): number => times.reduce((total, time) => total + 8 * time, 0);
    const steps = lengths.reduce((total, length) => total + length, 0);
    expect(sum(bucketed)).toBeLessThan(1.15 * steps);
    expect(sum(mixed)).toBeGreaterThan(1.5 * steps);
    expect(bucketed).not.toEqual(bucketed.toSorted((a, b) => a - b));
  });

  test('each block of a buffer has an order of its own', async () => {
    const list = listOf(
      Array.from({ length: 40 }, () => 2),
      'end',
    );
    const source = sequences(list, { batch: 10, buffer: 10, shuffle: key(1) });
    const orders = rowsOf(await readStretches(source)).map((rows) =>
      rows.map(({ inputs }) => (Number(inputs['']?.[0]) / 100) % 10).join(),
    );
    expect(new Set(orders).size).toBe(4);
  });

  test('another epoch and another key draw another order; without a key it is that of the list', async () => {
    const list = listOf(
      Array.from({ length: 30 }, () => 2),
      'end',
    );
    const order = async (shuffle: number | null, epoch: number): Promise<number[]> => {
      const source = sequences(list, { batch: 7, ...(shuffle !== null && { shuffle: key(shuffle) }) });
      return rowsOf(await readStretches(source, { epoch, index: 0 })).flatMap((rows) =>
        rows.map(({ inputs }) => Number(inputs['']?.[0]) / 100),
      );
    };
    const orders = [await order(1, 0), await order(1, 1), await order(2, 0), await order(null, 0)];
    expect(new Set(orders.map(String)).size).toBe(4);
    expect(orders[3]).toEqual(list.map((_, at) => at));
  });

  test('a label of each sequence counts at its last step, also through stretches', async () => {
    const list = [
      { inputs: [1, 2, 3, 4, 5], targets: 1 },
      { inputs: [6, 7], targets: 0 },
    ];
    const given = await readStretches(sequences(list, { batch: 2, steps: 2, classes: 2 }));
    expect(given.map(({ ends, items }) => [ends, items])).toEqual([
      [false, 2],
      [false, 2],
      [true, 2],
    ]);
    expect(given.map(({ lossMask }) => lossMask)).toEqual([
      [
        [0, 0],
        [0, 1],
      ],
      [
        [0, 0],
        [0, 0],
      ],
      [[1, 0]],
    ]);
    expect(given.map(({ targets }) => targets.flat(2))).toEqual([
      [-1, -1, -1, 0],
      [-1, -1, -1, -1],
      [1, -1],
    ]);
    expect(given.map(({ mask }) => mask?.flat())).toEqual([
      [1, 1, 1, 1],
      [1, 0, 1, 0],
      [1, 0],
    ]);
  });

  test('padded on the left, every sequence ends with the batch', async () => {
    const list = [
      { inputs: [1, 2, 3], targets: [0.5] },
      { inputs: [4], targets: [1.5] },
    ];
    const [given] = await readStretches(sequences(list, { batch: 2, padding: 'left', targetsAt: 'end' }));
    expect(given?.mask).toEqual([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    expect(given?.targets).toEqual([
      [[0], [0]],
      [[0], [0]],
      [[0.5], [1.5]],
    ]);
    expect(given?.lossMask?.at(-1)).toEqual([1, 1]);
  });

  test('without targets, what follows at each step is predicted', async () => {
    const items = rowsOf(await readStretches(sequences([[3, 1, 2], new Uint8Array([5, 6])], { batch: 2 })));
    expect(items).toEqual([
      [
        { inputs: { '': [[3], [1]] }, targets: [[1], [2]] },
        { inputs: { '': [[5]] }, targets: [[6]] },
      ],
    ]);
    const rows = rowsOf(await readStretches(sequences([Float64Array.of(0.5, 1.5, 2.5)], { batch: 1 })));
    expect(rows).toEqual([[{ inputs: { '': [[0.5], [1.5]] }, targets: [[1.5], [2.5]] }]]);
  });

  test('several inputs by name come as tensors by name', async () => {
    const list = [
      {
        inputs: {
          weekday: [1, 2],
          values: [
            [0.5, 1],
            [2, 3],
          ],
        },
        targets: 4,
      },
      { inputs: { values: [Float32Array.of(7, 8)], weekday: [6] }, targets: 5 },
    ];
    const source = sequences(list, { batch: 2, targets: 'numbers' });
    for await (const { stretch } of source.open({ epoch: 0, index: 0 })) {
      const { weekday, values } = stretch.inputs;
      expect([weekday.shape, weekday.dtype, values.shape, values.dtype]).toEqual([[2, 2], 'i32', [2, 2, 2], 'f32']);
      expect(stretch.targets.shape).toEqual([2, 2, 1]);
      for (const tensor of [weekday, values, stretch.targets, stretch.mask, stretch.lossMask]) tensor?.dispose();
    }
    expect(rowsOf(await readStretches(source))).toEqual([
      [
        {
          inputs: {
            weekday: [[1], [2]],
            values: [
              [0.5, 1],
              [2, 3],
            ],
          },
          targets: [null, [4]],
        },
        { inputs: { weekday: [[6]], values: [[7, 8]] }, targets: [[5]] },
      ],
    ]);
  });

  test('a negative class is not counted', async () => {
    const [given] = await readStretches(sequences([{ inputs: [1, 2, 3], targets: [0, -1, 2] }], { batch: 1 }));
    expect([given?.items, given?.targets.flat(2), given?.lossMask]).toEqual([2, [0, -1, 2], null]);
  });
});

test('a model’s loss on sequences is the same however they are batched, padded and cut', async () => {
  const list = [3, 1, 6, 2, 5].map((length, at) => ({
    inputs: Array.from({ length }, (_, step) => (at + 2 * step) % 4),
    targets: at % 3,
  }));
  const model = sequenceModel({ input: { vocabulary: 4, embedding: 3 }, hidden: 4, outputs: 3 });
  const params = model.init(key(1), { dtype: 'f64' });
  const lossOf = (options: SequencesOptions): Promise<Evaluation> =>
    evaluate({ task: model, params, data: sequences(list, options) });
  const { loss, items } = await lossOf({ batch: 1 });
  expect(items).toBe(5);
  for (const padding of ['left', 'right'] as const) {
    for (const steps of [1, 2, 4, 9]) {
      const cut = await lossOf({ batch: 3, padding, steps, bucket: steps > 2 });
      expect(cut.items).toBe(5);
      expect(cut.loss).toBeCloseTo(loss, 12);
    }
  }
  disposeTree(params);
});

describe('sequences refuse, in words', () => {
  const given = (item: unknown, options: object = {}): (() => unknown) => {
    const good = { inputs: [1, 2], targets: 0 };
    return () => sequences([good, item] as never, { batch: 1, ...options });
  };

  test.each<[string, unknown, object, RegExp]>([
    ['no steps', { inputs: [], targets: 0 }, {}, /sequence 1 has no steps/],
    ['a class too many', { inputs: [1], targets: 2 }, { classes: 2 }, /sequence 1: the target 2 is no class.*0 to 1/],
    ['a label that is NaN', { inputs: [1], targets: Number.NaN }, {}, /sequence 1: the target NaN is no class/],
    ['a label that is text', { inputs: [1], targets: 'cat' }, {}, /text "cat"; number the classes/],
    ['an item number that is none', { inputs: [1, 0.5], targets: 0 }, {}, /sequence 1, step 1 is 0.5.*as rows/],
    ['missing inputs', { x: [1], targets: 0 }, {}, /sequence 1 must be \{ inputs, targets \}/],
    ['inputs that are text', { inputs: 'cat', targets: 0 }, {}, /inputs must be item numbers.*the text "cat"/],
    ['null', null, {}, /sequence 1 must be .* but is null/],
    [
      'another kind of input',
      { inputs: [[0.5]], targets: 0 },
      {},
      /sequence 1 has .*rows of 1 features.*sequence 0 has/,
    ],
    ['another kind of target', { inputs: [1, 2], targets: [1, 1] }, {}, /at each step.*at its end/],
    ['no targets where others have some', [1, 2], {}, /sequence 1 has/],
  ])('%s', (_, item, options, message) => {
    expect(given(item, options)).toThrow(DataError);
    expect(given(item, options)).toThrow(message);
  });

  const rows = [
    [1, 2],
    [3, 4],
  ];
  test.each<[string, object, object, RegExp]>([
    ['targets of another length', { inputs: [1, 2], targets: [1] }, {}, /2 steps, but 1 targets/],
    ['a missing number', { inputs: [1, 2], targets: [[1], [Number.NaN]] }, {}, /sequence 0, target, step 1 is NaN/],
    [
      'a missing number at the end',
      { inputs: [1], targets: Number.NaN },
      { targets: 'numbers' },
      /sequence 0, target is NaN/,
    ],
    [
      'a missing feature',
      {
        inputs: [
          [1, 2],
          [3, undefined],
        ],
        targets: 0,
      },
      {},
      /step 1, number 1 is undefined/,
    ],
    ['ragged features', { inputs: [[1, 2], [3]], targets: 0 }, {}, /step 1 has 1 numbers, but step 0 has 2/],
    ['inputs of other lengths', { inputs: { a: [1], b: rows }, targets: 0 }, {}, /1 steps of "a", but 2 of "b"/],
    [
      'several inputs without targets',
      { inputs: { a: [1] } },
      {},
      /must be \{ inputs, targets \} or a list of numbers, but is \{ inputs \}/,
    ],
    ['one step to go on from', [1], {}, /no next step to predict/],
    ['a misspelt name', { inputs: [1], target: 1 }, {}, /must be \{ inputs, targets \} .* but is \{ inputs, target \}/],
    ['targets that are undefined', { inputs: [1], targets: undefined }, {}, /but is \{ inputs, targets \}/],
    ['an item to predict that is no class', [1, 2], { classes: 2 }, /step 1: the item 2 is no class: there are 2/],
    ['options of targets without any', [1, 2], { targetsAt: 'end' }, /has no targets, but options speak of them/],
    ['rows as classes', { inputs: [1, 2], targets: rows }, { classes: 3 }, /must be a class number for each step/],
    [
      'one label for each step',
      { inputs: [1, 2], targets: 1 },
      { targetsAt: 'steps' },
      /wants a list with one for each/,
    ],
    ['rows at the end', { inputs: [1, 2], targets: rows }, { targetsAt: 'end' }, /must be a number or one list/],
  ])('%s', (_, item, options, message) => {
    expect(() => sequences([item] as never, { batch: 1, ...options })).toThrow(message);
  });

  test('options that make no sense', () => {
    const list = [{ inputs: [1], targets: 0 }];
    expect(() => sequences([], { batch: 1 })).toThrow(/list is empty/);
    expect(() => sequences(list, { batch: 0 })).toThrow(/batch must be a whole number/);
    expect(() => sequences(list, { batch: 2, steps: 1.5 })).toThrow(/steps must be/);
    expect(() => sequences(list, { batch: 2, buffer: 1 })).toThrow(/buffer, 1, must hold a batch of 2/);
    expect(() => sequences(list, { batch: 2, lastBatch: 'drop' })).toThrow(/no full batch of 2/);
  });

  test('a generator that is read twice, a source that is empty or none', async () => {
    async function* make(): AsyncGenerator<Item> {
      yield { inputs: [1], targets: 0 };
    }
    const once = sequences(make(), { batch: 1 });
    expect(await readStretches(once)).toHaveLength(1);
    await expect(readStretches(once)).rejects.toThrow(/generator, which can be read once only/);
    await expect(readStretches(sequences(() => [] as Item[], { batch: 1 }))).rejects.toThrow(/gave no sequence/);
    await expect(readStretches(sequences('text' as never, { batch: 1 }))).rejects.toThrow(/there is the text "text"/);
    const columns = { inputs: [[1], [2]], targets: [0, 1] };
    await expect(readStretches(sequences(columns as never, { batch: 1 }))).rejects.toThrow(
      /an object of its own: \[\{ inputs/,
    );
    await expect(readStretches(sequences((() => 3) as never, { batch: 1 }))).rejects.toThrow(/function returned 3/);
    const broken = sequences(
      () => [
        { inputs: [1], targets: 0 },
        { inputs: [], targets: 0 },
      ],
      { batch: 1 },
    );
    await expect(readStretches(broken)).rejects.toThrow(/sequence 1 has no steps/);
  });
});

test('inputs and targets in two lists are told to go together', () => {
  const twice = sequences as unknown as (inputs: unknown, targets: unknown, options: unknown) => unknown;
  expect(() => twice([[1, 2]], [0], { batch: 1 })).toThrow(/inputs and targets go together, as one list/);
});
