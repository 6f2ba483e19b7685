import { recurrentCells } from '@tempograd/core/backend';
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

let backend: Backend;
beforeAll(async () => {
  backend = await createBackend({ poison: true });
});
afterAll(() => backend.dispose?.());

const choices: readonly RecurrentChoice[] = [{ path: 'step' }, { path: 'segment' }];

describe.each(recurrentCells)('%s', (cell) => {
  describe.each(choices.map((choice) => [title(choice), choice] as const))('%s', (_, choice) => {
    test.each(trials.map((trial) => [title(trial), trial] as const))('%s', { timeout: 120_000 }, async (__, trial) => {
      const before = backend.memory().buffers;
      const ops = recurrentOps(engineOf(backend), choice) as unknown as Recurrent;
      const actual = await runTrial(backend, ops, { cell, ...trial }, 'f32');
      const expected = await expectedOf({ cell, ...trial });
      expect(deviations(actual, expected, 1e-4)).toEqual([]);
      expect(backend.memory().buffers).toBe(before);
    });
  });
});
