import { recurrentCells } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { recurrentOps } from '../../src/recurrent/recurrent.js';
import { deviations, expectedOf, runTrial } from './segments.js';
import type { Trial } from './segments.js';
let backend: Backend;
beforeAll(async () => {
  backend = await createBackend({ poison: true, storage: 'f16' });
});
afterAll(() => backend.dispose?.());
const trials: readonly Omit<Trial, 'cell'>[] = [
  { steps: 1, batch: 1, inputs: 1, hidden: 1 },
  { steps: 7, batch: 3, inputs: 5, hidden: 3, mask: 'ragged', into: true },
  { steps: 7, batch: 5, inputs: 6, hidden: 33, table: true, into: true },
  { steps: 2, batch: 5, inputs: 4, hidden: 130, cotangents: [true, false, true] },
  { steps: 3, batch: 0, inputs: 4, hidden: 5, mask: 'holes' },
  { steps: 3, batch: 2, inputs: 4, hidden: 0, mask: 'holes' },
];
describe.each(recurrentCells)('%s', (cell) => {
  test.each(trials)('%o', async (trial) => {
    const expected = await expectedOf({ cell, ...trial });
    for (const path of ['step', 'segment'] as const) {
      const ops = recurrentOps(engineOf(backend), { path, storage: 'f16' });
      const before = backend.memory().buffers;
      const actual = await runTrial(backend, ops, { cell, ...trial }, 'f32');
      expect(backend.memory().buffers).toBe(before);
      let worst = 0;
      for (const [name, wanted] of Object.entries(expected)) {
        const got = actual[name];
        if (!wanted || !got) continue;
        const scale = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0.01);
        wanted.forEach((x, i) => { worst = Math.max(worst, Math.abs(x - got[i]!) / scale); });
      }
      console.log(cell, path, trial.hidden, worst);
      expect(deviations(actual, expected, 1e-2)).toEqual([]);
    }
  });
});
