import { currentBackend, disposeTree, truncatedBptt, type Strategy } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  CheckpointError,
  checkpointInfo,
  fit,
  memoryCheckpointStore,
  SafetensorsError,
  type Checkpoint,
  type StoredTensor,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { settings, strategies, streams, train, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

const stored = strategies['overlapping, stored'] as Strategy;
const data = streams(3, 9);

/** A checkpoint with a carry, steps that wait, and pieces of the past. */
async function take(strategy: Strategy = stored): Promise<Checkpoint> {
  const store = memoryCheckpointStore();
  await train({ strategy, data, updates: 8, checkpoint: { store } });
  return (await store.load()) as Checkpoint;
}

// The state is anything here.
type State = any; // oxlint-disable-line typescript/no-explicit-any

function withState(checkpoint: Checkpoint, change: (state: State) => unknown): Checkpoint {
  const state: State = JSON.parse(checkpoint.metadata['tempograd.training'] as string);
  const changed = change(state) ?? state;
  return { ...checkpoint, metadata: { 'tempograd.training': JSON.stringify(changed) } };
}

function withTensor(
  checkpoint: Checkpoint,
  name: string,
  change: (tensor: StoredTensor) => StoredTensor | null,
): Checkpoint {
  const tensors = new Map(checkpoint.tensors);
  const changed = change(tensors.get(name) ?? { dtype: 'f32', shape: [1], data: new Float32Array(1) });
  if (changed === null) tensors.delete(name);
  else tensors.set(name, changed);
  return { ...checkpoint, tensors };
}

/** Tries to go on, and expects it to be refused with the parameters as they were and no buffer more. */
async function expectRefusal(
  resume: Checkpoint,
  message: RegExp,
  changes: Partial<CharTraining> = {},
  kind: typeof CheckpointError | typeof SafetensorsError = CheckpointError,
): Promise<void> {
  const options = settings({ strategy: stored, data, ...changes });
  const before = valuesOf(options.params);
  const { buffers } = currentBackend().memory();
  const going = async (): Promise<unknown> => fit({ ...options, resume }).next();
  await expect(going()).rejects.toThrow(kind);
  await expect(going()).rejects.toThrow(message);
  expect(valuesOf(options.params)).toEqual(before);
  expect(currentBackend().memory().buffers).toBe(buffers);
  disposeTree(options.params);
}

const rows = (tensor: StoredTensor, batch: number): StoredTensor => {
  const [layers = 0, , hidden = 0] = tensor.shape;
  return { ...tensor, shape: [layers, batch, hidden], data: new Float32Array(layers * batch * hidden) };
};
const asIntegers = (tensor: StoredTensor): StoredTensor => ({
  ...tensor,
  dtype: 'i32',
  data: new Int32Array(tensor.data.length),
});
const one: StoredTensor = { dtype: 'f32', shape: [1], data: new Float32Array(1) };

describe('a damaged state is refused by its path, with what to do, and nothing is changed', () => {
  test.each<[what: string, change: (state: State) => unknown, message: RegExp]>([
    ['a list', () => [], /at "tempograd\.training\.version", something is missing/],
    ['nothing', () => 0, /at "tempograd\.training"/],
    [
      'a word for a version',
      (s) => void (s.version = 'one'),
      /"tempograd\.training\.version", 1 was expected, but it says "\\"one\\""/,
    ],
    ['another version', (s) => void (s.version = 2), /version 2, this @tempograd\/nn reads version 1/],
    ['no key', (s) => void delete s.key, /"tempograd\.training\.key"/],
    [
      'a key out of range',
      (s) => void (s.key = [1, 2 ** 32]),
      /key\.1", <=4294967295 was expected, but it says "4294967296"/,
    ],
    ['half an update', (s) => void (s.update = 1.5), /training\.update"/],
    ['an update below 0', (s) => void (s.update = -1), /training\.update"/],
    ['an update too large', (s) => void (s.update = 1e300), /training\.update"/],
    ['a word for a step', (s) => void (s.optimiser.step = '8'), /optimiser\.step"/],
    ['a word for an index', (s) => void (s.position.index = 'x'), /position\.index"/],
    [
      'an offset of nothing',
      (s) => void ((s.run = null), (s.position.offset = 1)),
      /position\.offset", 1 steps are done of a sequence that was not begun/,
    ],
    ['a sequence that was not begun', (s) => void (s.sequence = 0), /"sequence"/],
    ['an unknown name', (s) => void (s.run.snapshot.carrx = null), /run\.snapshot\.carrx"/],
    ['no pieces', (s) => void (s.run.snapshot.pieces = {}), /run\.snapshot\.pieces"/],
    ['no carry', (s) => void (s.run.snapshot.carry = null), /"run\.carry\.h", f32\[1, 3, 6\] is missing/],
    ['half a carry', (s) => void delete s.run.snapshot.carry.c, /"run\.carry\.c", f32\[1, 3, 6\] is missing/],
    ['a number for a tensor', (s) => void (s.run.snapshot.carry.h = 1), /"run\.carry\.h", 1 stands for a tensor/],
    ['an unknown tensor', (s) => void (s.run.snapshot.carry.h = 'run.carry.x'), /it lacks the tensor "run\.carry\.x"/],
    [
      'a parameter for a carry',
      (s) => void (s.run.snapshot.carry.h = 'params.head.bias'),
      /it lacks the tensor "params\.head\.bias"/,
    ],
    [
      'a tensor twice',
      (s) => void (s.run.snapshot.carry.h = 'run.carry.c'),
      /"run\.carry\.h", there is a tensor that nothing refers to/,
    ],
    [
      'parameters swapped',
      (s) => void (s.run.snapshot.pieces[0].params.head.bias = s.run.snapshot.pieces[1].params.embedding.weight),
      /pieces\.0\.params\.head\.bias"|nothing refers to/,
    ],
    [
      'a piece of the future',
      (s) => void (s.run.snapshot.pieces[0].from = 1e9),
      /"run\.pieces\.0", it is said to have steps 1000000000/,
    ],
    [
      'a piece without parameters',
      (s) => void (s.run.snapshot.pieces[1].params = null),
      /nothing refers to|staleness 'recompute'/,
    ],
    ['losses below 0', (s) => void (s.run.items = -1), /run\.items"/],
    ['half an update without losses', (s) => void (s.skipped = 0.5), /skipped"/],
    [
      'an offset beyond the stretch',
      (s) => void (s.position.offset = 9),
      /position\.offset", 9 steps are done of a stretch of 9/,
    ],
    [
      'a stretch beyond the data',
      (s) => void (s.position.index = 1e9),
      /stands at stretch 1000000000, and the data has/,
    ],
  ])('%s', async (_, change, message) => {
    await expectRefusal(withState(await take(), change), message);
  });

  test('text that is no JSON, says a thing twice, or is nested so deep that nobody can follow', async () => {
    const checkpoint = await take();
    const text = checkpoint.metadata['tempograd.training'] as string;
    for (const [state, message] of [
      ['{', /no JSON as it must be/],
      [text.replace('"update":8', '"update":8,"update":9'), /the key "update" twice/],
      [text.replace(/"carry":\{[^}]*\}/, `"carry":${'['.repeat(1e5)}${']'.repeat(1e5)}`), /nested more than 100 deep/],
      [
        text.replace(/"carry":\{[^}]*\}/, `"carry":${'{"h":'.repeat(1e5)}0${'}'.repeat(1e5)}`),
        /nested more than 100 deep/,
      ],
    ] as const) {
      await expectRefusal({ ...checkpoint, metadata: { 'tempograd.training': state } }, message);
      expect(() => checkpointInfo({ ...checkpoint, metadata: { 'tempograd.training': state } })).toThrow(message);
    }
  });

  test.each<[what: string, name: string, change: (tensor: StoredTensor) => StoredTensor | null, message: RegExp]>([
    [
      'a carry of integers',
      'run.carry.h',
      asIntegers,
      /"run\.carry\.h", there is i32\[1, 3, 6\], and something like f32\[1, 3, 6\]/,
    ],
    ['a carry of another size', 'run.carry.h', () => one, /"run\.carry\.h", there is f32\[1\]/],
    ['a carry of other rows', 'run.carry.h', (t) => rows(t, 4), /"run\.carry\.h", there is f32\[1, 4, 6\]/],
    ['a lost tensor', 'run.carry.h', () => null, /it lacks the tensor "run\.carry\.h"/],
    ['a tensor more', 'run.carry.x', () => one, /"run\.carry\.x", there is a tensor that nothing refers to/],
    ['a foreign tensor', 'x', () => one, /"x", there is a tensor that nothing refers to/],
    [
      'past parameters of another size',
      'run.pieces.0.params.head.bias',
      () => one,
      /pieces\.0\.params\.head\.bias", there is f32\[1\]/,
    ],
  ])('%s', async (_, name, change, message) => {
    await expectRefusal(withTensor(await take(), name, change), message);
  });

  test('steps that wait and cannot be of the sequence', async () => {
    const waiting = (time: number, change: (tensor: StoredTensor) => StoredTensor = (tensor) => tensor): Checkpoint => {
      const steps: StoredTensor = { dtype: 'i32', shape: [time, 3], data: new Int32Array(3 * time) };
      const named = withState(
        take8,
        (s) => void (s.run.snapshot.pending = { inputs: 'run.pending.inputs', targets: 'run.pending.targets' }),
      );
      return withTensor(
        withTensor(named, 'run.pending.inputs', () => steps),
        'run.pending.targets',
        () => change(steps),
      );
    };
    const take8 = await take();
    await expectRefusal(waiting(4), /"run\.pending", 4 steps wait, but 4 make an update/);
    await expectRefusal(waiting(0), /"run\.pending", there are no steps/);
    await expectRefusal(
      waiting(3, () => one),
      /"run\.pending\.targets", it has 1 steps, and its neighbours have 3/,
    );
    await expectRefusal(
      waiting(3, (steps) => ({ ...steps, dtype: 'f32', data: new Float32Array(9) })),
      /"run\.pieces\.0\.stretch\.targets", there is i32\[\d, 3\], and something like f32\[3, 3\]/,
    );
    expect(await train({ strategy: stored, data, updates: 9, resume: waiting(3) })).toHaveLength(1);
  });

  test('a past that cannot be run again', async () => {
    const strategy = strategies['overlapping, run again'] as Strategy;
    const checkpoint = await take(strategy);
    const lists = withState(
      checkpoint,
      ({
        run: {
          snapshot: { pieces },
        },
      }) => {
        for (const piece of pieces) piece.stretch = [piece.stretch];
      },
    );
    await expectRefusal(lists, /"run\.pieces", there is a stretch that the task cannot start with/, { strategy });
    const deeper = withTensor(checkpoint, 'run.pieces.1.carry.h', (h) => ({ ...h, shape: [1, ...h.shape] }));
    await expectRefusal(deeper, /"run\.pieces\.1", no step can be taken \(lstm: the carry should be/, { strategy });
  });

  test.each<[name: string, message: RegExp]>([
    ['params.head.bias', /params\.head\.bias is i32/],
    ['optimiser.moment1.head.bias', /optimiser\.moment1\.head\.bias is i32/],
  ])('%s as integers', async (name, message) => {
    await expectRefusal(withTensor(await take(), name, asIntegers), message, {}, SafetensorsError);
  });

  test('what is no checkpoint at all', async () => {
    const nothing = {} as Checkpoint;
    await expectRefusal(nothing, /This is no checkpoint/);
    expect(() => checkpointInfo(null as unknown as Checkpoint)).toThrow(/This is no checkpoint/);
  });
});

describe('a whole checkpoint is refused, and nothing is changed,', () => {
  test('with data of another batch', async () => {
    const chunks = truncatedBptt({ updateEvery: 9 });
    const taken = await take(chunks);
    const other = { data: streams(2, 9), strategy: chunks };
    await expectRefusal(taken, /of a run on other data.*the same batch and options/, other);
    const unknown = { ...other, data: { ...other.data, fingerprint: null } };
    await expectRefusal(taken, /does not fit the task or the data.*Give the same data with the same batch/, unknown);
  });

  test('with losses left out, or the past taken, in another way', async () => {
    const dropping = truncatedBptt({ updateEvery: 4, backwardSteps: 11, lossScope: 'last' });
    await expectRefusal(await take(), /what it drops was nothing and is now only every 4th loss/, {
      strategy: dropping,
    });
    const again = await take(strategies['overlapping, run again']);
    await expectRefusal(again, /it is of a run with staleness 'recompute'/);
  });
});

test('a checkpoint whose words say less is read as before', async () => {
  const checkpoint = withState(await take(), (state) => void delete state.strategy.drops);
  expect(await train({ strategy: stored, data, updates: 9, resume: checkpoint })).toHaveLength(1);
});
