import { gateCount, recurrentCells } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import type { RecurrentChoice } from '../../src/recurrent/path.js';
import { recurrentOps } from '../../src/recurrent/recurrent.js';
import { deviations, expectedOf, runTrial } from './segments.js';
import type { Recurrent, Trial } from './segments.js';

type Sizes = Omit<Trial, 'cell'>;

const trials: readonly Sizes[] = [
  { steps: 1, batch: 1, inputs: 1, hidden: 1 },
  { steps: 2, batch: 2, inputs: 3, hidden: 2, reverse: true },
  { steps: 7, batch: 3, inputs: 5, hidden: 3, mask: 'ragged', into: true },
  { steps: 7, batch: 5, inputs: 2, hidden: 7, mask: 'holes', reverse: true },
  { steps: 2, batch: 33, inputs: 4, hidden: 31, biased: false },
  { steps: 7, batch: 5, inputs: 6, hidden: 33, table: true, into: true },
  { steps: 7, batch: 2, inputs: 6, hidden: 33, table: true, mask: 'holes', reverse: true },
  { steps: 2, batch: 9, inputs: 4, hidden: 64, cotangents: [false, true, false], reverse: true },
  { steps: 7, batch: 3, inputs: 4, hidden: 33, mask: 'nothing counts' },
  { steps: 5, batch: 7, inputs: 3, hidden: 20, mask: 'ragged', cotangents: [true, false, false] },
  { steps: 2, batch: 5, inputs: 4, hidden: 130, cotangents: [true, false, true] },
  { steps: 3, batch: 0, inputs: 4, hidden: 5, mask: 'holes' },
  { steps: 3, batch: 0, inputs: 4, hidden: 5, table: true, mask: 'holes', into: true },
  { steps: 3, batch: 2, inputs: 0, hidden: 5, biased: false, into: true },
  { steps: 3, batch: 2, inputs: 4, hidden: 0, mask: 'holes' },
];

const title = (trial: object): string =>
  Object.entries(trial)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

/** Where a long segment is cut in several dispatches. */
const cuts: readonly Sizes[] = [
  { steps: 7, batch: 5, inputs: 3, hidden: 6, mask: 'holes', reverse: true },
  { steps: 6, batch: 2, inputs: 3, hidden: 6 },
];

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend({ poison: true });
});
afterAll(() => backend.dispose?.());

/** Ops on a path, for `runTrial`. */
const on = (choice: RecurrentChoice): Recurrent => recurrentOps(engineOf(backend), choice);

const choices: readonly RecurrentChoice[] = [{ path: 'step' }, { path: 'segment' }];

describe.each(recurrentCells)('%s', (cell) => {
  describe.each(choices.map((choice) => [title(choice), choice] as const))('%s', (_, choice) => {
    test.each(trials.map((trial) => [title(trial), trial] as const))('%s', async (__, trial) => {
      const before = backend.memory().buffers;
      const actual = await runTrial(backend, on(choice), { cell, ...trial }, 'f32');
      const expected = await expectedOf({ cell, ...trial });
      expect(deviations(actual, expected, 1e-4)).toEqual([]);
      expect(backend.memory().buffers).toBe(before);
    });
  });

  test.each(cuts.map((trial) => [title(trial), trial] as const))(
    'cut in stretches, the same bits: %s',
    async (_, trial) => {
      const whole = await runTrial(backend, on({ path: 'segment' }), { cell, ...trial }, 'f32');
      for (const stretch of [1, 3]) {
        const cut = await runTrial(backend, on({ path: 'segment', stretch }), { cell, ...trial }, 'f32');
        expect(cut).toEqual(whole);
      }
      expect(deviations(whole, await expectedOf({ cell, ...trial }), 1e-4)).toEqual([]);
    },
  );

  test('the same bits each time, and nothing made after the first', async () => {
    const trial: Trial = { cell, steps: 6, batch: 9, inputs: 3, hidden: 40, mask: 'ragged' };
    for (const choice of choices) {
      const first = await runTrial(backend, on(choice), trial, 'f32');
      const { made } = engineOf(backend);
      expect(await runTrial(backend, on(choice), trial, 'f32')).toEqual(first);
      expect(engineOf(backend).made).toEqual(made);
    }
  });
});

test.each(recurrentCells)(
  '%s: a number outside the table gives NaN from its step on, in its row alone',
  async (cell) => {
    const gates = gateCount[cell];
    const make = (data: Float32Array | Int32Array, shape: readonly number[]) => {
      const dtype = data instanceof Int32Array ? ('i32' as const) : ('f32' as const);
      return { handle: engineOf(backend).write(data, shape, dtype), shape, dtype };
    };
    const args = {
      cell,
      reverse: false,
      input: make(new Int32Array([2, 0, 3, 1, 0, 2, -1, 0, 2, 1, 1, 2]), [4, 3]),
      carry: Array.from({ length: cell === 'lstm' ? 2 : 1 }, () => make(new Float32Array(3), [3, 1])),
      weightIh: make(new Float32Array(3 * gates).fill(0.5), [3, gates]),
      weightHh: make(new Float32Array(gates).fill(0.5), [gates, 1]),
      biasIh: null,
      biasHh: null,
      mask: null,
    };
    for (const choice of choices) {
      const { output } = on(choice).recurrentForward(args, false);
      const isNan = Array.from(await backend.read(output), Number.isNaN);
      expect(isNan).toEqual([false, false, true, false, false, true, true, false, true, true, false, true]);
    }
  },
  120_000,
);

test('a small segment takes the same few dispatches however long, a large one some for each step', async () => {
  const dispatchesOf = async (hidden: number, steps: number): Promise<number> => {
    const gpu = engineOf(await createBackend());
    const make = (...shape: number[]) => ({ handle: gpu.allocate(shape, 'f32'), shape, dtype: 'f32' as const });
    const ops = recurrentOps(gpu);
    const args = {
      cell: 'lstm' as const,
      reverse: false,
      input: make(steps, 1, 1),
      carry: [make(1, hidden), make(1, hidden)],
      weightIh: make(4 * hidden, 1),
      weightHh: make(4 * hidden, hidden),
      biasIh: null,
      biasHh: null,
      mask: null,
    };
    const { saved } = ops.recurrentForward(args, true);
    ops.recurrentBackward({
      ...args,
      saved: saved ?? [],
      outputCotangent: make(steps, 1, hidden),
      carryCotangents: [null, null],
      wants: { input: true, carry: true, weights: true, delta: false },
    });
    const { dispatches } = gpu.commands.counts;
    gpu.dispose();
    return dispatches;
  };
  const few = await dispatchesOf(8, 5);
  expect(few).toBeLessThanOrEqual(16);
  expect(await dispatchesOf(8, 50)).toBe(few);
  const many = await dispatchesOf(400, 5);
  expect((await dispatchesOf(400, 25)) - many).toBe(40);
});
