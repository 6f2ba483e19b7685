import { recurrentCells } from '@tempograd/core/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBackend } from '../../src/index.js';
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
  { steps: 7, batch: 3, inputs: 4, hidden: 65, mask: 'nothing counts' },
  { steps: 2, batch: 5, inputs: 4, hidden: 130, cotangents: [true, false, true] },
  { steps: 3, batch: 0, inputs: 4, hidden: 5, mask: 'holes' },
  { steps: 3, batch: 0, inputs: 4, hidden: 5, table: true, mask: 'holes', into: true },
  { steps: 3, batch: 2, inputs: 0, hidden: 5, biased: false, into: true },
  { steps: 3, batch: 2, inputs: 4, hidden: 0, mask: 'holes' },
];

const title = (trial: Sizes): string =>
  Object.entries(trial)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

let backend: Awaited<ReturnType<typeof createBackend>>;
beforeAll(async () => {
  backend = await createBackend({ poison: true });
});
afterAll(() => backend.dispose?.());

describe.each(recurrentCells)('%s', (cell) => {
  test.each(trials.map((trial) => [title(trial), trial] as const))('%s', { timeout: 120_000 }, async (_, trial) => {
    const before = backend.memory().buffers;
    const actual = await runTrial(backend, backend as unknown as Recurrent, { cell, ...trial }, 'f32');
    const expected = await expectedOf({ cell, ...trial });
    expect(deviations(actual, expected, 1e-4)).toEqual([]);
    expect(backend.memory().buffers).toBe(before);
  });
});
